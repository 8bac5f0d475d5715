import { Migration } from '@mikro-orm/migrations';

/** What the tail of each process does for each ring, in one question. */
export class Migration20261122002000_follow extends Migration {
  override up(): void {
    this.addSql(`
      -- Gives positions to what has become visible, and answers what comes after a position, at least one row: two statements, so
      -- that the second one sees what the first one placed. Whoever asks hears of it once it is committed.
      create function follow_changes(most integer, seen bigint, page integer) returns table (moved bigint, "position" bigint, kind text,
        contact_id uuid, external_system_id uuid, communication_id uuid, run_id uuid, data jsonb, at timestamptz)
        language plpgsql set plan_cache_mode = force_custom_plan as $$
      declare
        placed bigint := sequence_changes(most);
      begin
        return query
          select placed, c.position, c.kind, c.contact_id, c.external_system_id, c.communication_id, c.run_id, c.data, c.at
          from (values (true)) as always left join lateral (
            select * from change n where n.position > seen order by n.position limit page
          ) c on true
          order by c.position;
      end $$;
    `);
  }

  override down(): void {
    this.addSql('drop function follow_changes(integer, bigint, integer);');
  }
}
