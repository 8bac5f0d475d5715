import { Migration } from '@mikro-orm/migrations';

/** What a rule's message keeps of its rule: when it expires, where it waits, and the preferences that it asks for until it is sent. */
export class Migration20261122002022_rule_messages extends Migration {
  override up(): void {
    this.addSql(`
      -- Of HELD ones: when what they become expires, as its text says; null: never.
      alter table rule_outcome add column expires_at timestamptz;
      update rule_outcome o set expires_at = greatest(o.due_at, clock_timestamp()) + concat_ws(' ', r.expires_after ->> 'amount', r.expires_after ->> 'unit')::interval
        from rule r where r.id = o.rule_id and o.state = 'HELD' and r.expires_after is not null;

      -- The preferences of its rule, which may be deleted before it is sent; null where its run says so, and where nothing does.
      alter table communication add column asks_direct_marketing boolean, add column asks_affiliate_marketing boolean;
      update communication c set asks_direct_marketing = r.apply_direct_marketing, asks_affiliate_marketing = r.apply_affiliate_marketing
        from rule r, queue_entry q where r.id = c.rule_id and q.id = c.id;
    `);
  }

  override down(): void {
    this.addSql(`
      alter table communication drop column asks_direct_marketing, drop column asks_affiliate_marketing;
      alter table rule_outcome drop column expires_at;
    `);
  }
}
