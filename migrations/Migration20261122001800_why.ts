import { Migration } from '@mikro-orm/migrations';

/** What a run's criteria left over, and a clock that can be set for questions about another instant. */
export class Migration20261122001800_why extends Migration {
  override up(): void {
    this.addSql(`
      -- FunnelCount[] of src/generate/why: recorded with the matching, for facts change.
      alter table run add column funnel jsonb;

      -- Looked up before pg_catalog where a question is about another instant (src/generate/why/as-of.ts), and nowhere else.
      create schema as_of;
      create function as_of.now() returns timestamptz language sql stable as $$ select current_setting('as_of.instant')::timestamptz $$;
      create function as_of.clock_timestamp() returns timestamptz language sql stable as $$ select current_setting('as_of.instant')::timestamptz $$;
    `);
  }

  override down(): void {
    this.addSql(`
      drop schema as_of cascade;
      alter table run drop column funnel;
    `);
  }
}
