import { Migration } from '@mikro-orm/migrations';

/** What is in the inboxes of many contacts, asked for with every batch of changes. */
export class Migration20261122002040_inbox_counts extends Migration {
  override up(): void {
    this.addSql(`
      -- Contact by contact, by the index: while a table grows faster than its statistics, PostgreSQL would read all of it instead (measured: 40 ms a
      -- batch, not 2), and a plan from when it was empty would be kept. Planned once for each connection.
      create function inbox_counts(contacts uuid[]) returns table (place integer, system_id uuid, contact_inbox boolean, pending integer, unviewed integer)
        language plpgsql set enable_seqscan = off as $$
      begin
        return query
          select k.place::integer, n.id, s.contact_inbox, n.pending, n.unviewed
          from unnest(contacts) with ordinality as k (id, place) cross join lateral (
            select c.external_system_id as id, count(*) filter (where c.state = 'PENDING')::integer as pending,
              count(*) filter (where c.viewed_at is null)::integer as unviewed
            from communication c
            where c.contact_id = k.id and c.state in ('PENDING', 'COMPLETED') and (c.expires_at is null or c.expires_at > clock_timestamp())
            group by c.external_system_id
          ) n join external_system s on s.id = n.id;
      end $$;
    `);
  }

  override down(): void {
    this.addSql('drop function inbox_counts(uuid[]);');
  }
}
