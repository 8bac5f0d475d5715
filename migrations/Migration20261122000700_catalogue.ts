import { Migration } from '@mikro-orm/migrations';

/** What operators declare beside the built-in catalogue. */
export class Migration20261122000700_catalogue extends Migration {
  override up(): void {
    this.addSql(`
      create table declared_type (
        name text primary key,
        labels jsonb not null,
        -- Types that its objects name by their external id, in a field of that type's name.
        relations text[] not null default '{}',
        created_at timestamptz not null default clock_timestamp()
      );

      create table declared_field (
        object_type text not null,
        name text not null,
        kind text not null,
        labels jsonb not null,
        example text not null,
        indexed boolean not null default false,
        created_at timestamptz not null default clock_timestamp(),
        primary key (object_type, name)
      );

      -- A new value with every declaration: every process asks for it, and reads the declarations again when it has changed.
      -- Unique for ever, so that what was read under it stays true; all zeros while nothing is declared.
      create table catalogue_revision (
        only_row boolean primary key default true check (only_row),
        revision uuid not null
      );
      insert into catalogue_revision (revision) values ('00000000-0000-0000-0000-000000000000');

      -- The casts of text to date and timestamptz depend on settings, so no index may use them. These do not: they read what
      -- the catalogue keeps, 2027-03-28 and 2027-03-28T01:30:00.000Z. PostgreSQL inlines them.
      create function iso_day(kept text) returns date language sql immutable parallel safe as $$
        select make_date(substr(kept, 1, 4)::integer, substr(kept, 6, 2)::integer, substr(kept, 9, 2)::integer)
      $$;
      create function iso_instant(kept text) returns timestamptz language sql immutable parallel safe as $$
        select make_timestamp(substr(kept, 1, 4)::integer, substr(kept, 6, 2)::integer, substr(kept, 9, 2)::integer,
          substr(kept, 12, 2)::integer, substr(kept, 15, 2)::integer, substr(kept, 18, 6)::double precision) at time zone 'UTC'
      $$;
    `);
  }

  override down(): void {
    this.addSql(`
      drop table declared_type, declared_field, catalogue_revision;
      do $$ declare name text; begin
        for name in select indexname from pg_indexes where schemaname = current_schema and indexname like 'declared\\_field\\_%'
          and tablename = 'business_object'
        loop execute format('drop index %I', name); end loop;
      end $$;
      drop function iso_day(text), iso_instant(text);
    `);
  }
}
