import { Migration } from '@mikro-orm/migrations';

/** Attributes by their name in any case, as a function: a correlated subquery would keep PostgreSQL from reading in parallel. */
export class Migration20261122001601_attributes extends Migration {
  override up(): void {
    this.addSql(`
      -- The value of a key in any case; among several, of the first in the order of their spelling.
      create function attribute_in_any_case(object jsonb, name text) returns jsonb language sql immutable parallel safe as $$
        select each.value from jsonb_each(object) each where lower(each.key) = lower(name) order by each.key limit 1
      $$;
    `);
  }

  override down(): void {
    this.addSql('drop function attribute_in_any_case(jsonb, text);');
  }
}
