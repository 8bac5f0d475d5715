import { Migration } from '@mikro-orm/migrations';

/** What a run costs beside the rows that it must write. */
export class Migration20261122001950_speed extends Migration {
  override up(): void {
    this.addSql(`
      -- PostgreSQL 18 makes version 7 itself, in a third of the time.
      do $$ begin
        if current_setting('server_version_num')::integer >= 180000 then
          create or replace function new_id() returns uuid language sql volatile parallel safe as 'select uuidv7()';
        end if;
      end $$;

      -- What a chunk of a run made goes into the log at once, not through the outbox: a third of what a run wrote was written to be
      -- deleted (docs/decisions/0024-changes-of-runs.md). The position's row is locked until the commit, as by sequence_changes, so the order of
      -- the positions stays that in which transactions become visible: call it last.
      create function place_created(run uuid, from_seq bigint) returns bigint language plpgsql
        set plan_cache_mode = force_custom_plan set enable_seqscan = off as $$
      declare
        base bigint;
        moved bigint;
      begin
        select position into strict base from change_log for update;
        insert into change (position, kind, contact_id, external_system_id, communication_id, data, at)
        select base + row_number() over (order by c.seq), 'entry.created', c.contact_id, c.external_system_id, c.id, jsonb_build_object('state', c.state), clock_timestamp()
        from communication c
        where c.run_id = $1 and c.seq >= $2 and c.external_system_id is not null and c.state in ('PENDING', 'REJECTED');
        get diagnostics moved = row_count;
        update change_log set position = base + moved;
        return moved;
      end $$;
    `);
  }

  override down(): void {
    this.addSql('drop function place_created(uuid, bigint);');
  }
}
