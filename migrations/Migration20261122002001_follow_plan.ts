import { Migration } from '@mikro-orm/migrations';

/** The tail plans what it reads, and nothing else, anew. */
export class Migration20261122002001_follow_plan extends Migration {
  override up(): void {
    this.addSql(`
      -- A plan from when the log was empty would read all of it once it has grown. Set for the function, force_custom_plan held for the
      -- sequencer inside it as well, which has plans worth keeping (measured: 350 us a call, 175 now).
      create or replace function follow_changes(most integer, seen bigint, page integer) returns table (moved bigint, "position" bigint, kind text,
        contact_id uuid, external_system_id uuid, communication_id uuid, run_id uuid, data jsonb, at timestamptz)
        language plpgsql as $$
      declare
        placed bigint := sequence_changes(most);
      begin
        return query execute
          'select $1, c.position, c.kind, c.contact_id, c.external_system_id, c.communication_id, c.run_id, c.data, c.at
           from (values (true)) as always left join lateral (
             select * from change n where n.position > $2 order by n.position limit $3
           ) c on true
           order by c.position' using placed, seen, page;
      end $$;
    `);
  }

  override down(): void {
    this.addSql('alter function follow_changes(integer, bigint, integer) set plan_cache_mode = force_custom_plan;');
  }
}
