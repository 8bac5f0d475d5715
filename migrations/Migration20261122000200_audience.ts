import { Migration } from '@mikro-orm/migrations';

/** Contacts and accounts as tables of their own, all other CRM records as typed business objects; segments. */
export class Migration20261122000200_audience extends Migration {
  override up(): void {
    this.addSql(`
      create table contact (
        id uuid primary key default new_id(),
        external_id text not null unique,
        name text not null,
        first_name text,
        last_name text,
        preferred_language text,
        time_zone text,
        direct_marketing boolean not null default true,
        affiliate_marketing boolean not null default true,
        -- The primary addresses, copied here from contact_point: every run reads them.
        email text,
        phone text,
        attributes jsonb not null default '{}',
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp()
      );
      create index contact_email on contact (lower(email));

      create table contact_point (
        id uuid primary key default new_id(),
        contact_id uuid not null references contact (id) on delete cascade,
        kind text not null check (kind in ('EMAIL', 'PHONE')),
        type text not null,
        address text not null,
        is_primary boolean not null default false,
        place integer not null default 0,
        -- No index for "one primary": a list is replaced in one statement, and passes through states with two.
        unique (contact_id, kind, type, address)
      );

      create table account (
        id uuid primary key default new_id(),
        external_id text not null unique,
        contact_id uuid not null references contact (id) on delete cascade,
        number text,
        name text,
        classification text,
        currency text,
        balance numeric,
        outstanding_amount numeric,
        attributes jsonb not null default '{}',
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp()
      );
      create index account_contact on account (contact_id, id);

      -- \`fields\` holds what the catalogue declares for the type: numbers as JSON numbers, dates as ISO strings.
      create table business_object (
        id uuid primary key default new_id(),
        type text not null,
        external_id text not null,
        contact_id uuid not null references contact (id) on delete cascade,
        account_id uuid references account (id) on delete set null,
        number text,
        fields jsonb not null default '{}',
        attributes jsonb not null default '{}',
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        unique (type, external_id)
      );
      create index business_object_contact on business_object (contact_id, type, id);
      create index business_object_account on business_object (account_id, type, id) where account_id is not null;

      create table segment (
        id uuid primary key default new_id(),
        name text not null unique,
        description text,
        condition jsonb,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp()
      );
      create table segment_contact (
        segment_id uuid not null references segment (id) on delete cascade,
        contact_id uuid not null references contact (id) on delete cascade,
        primary key (segment_id, contact_id)
      );
      create index segment_contact_contact on segment_contact (contact_id);
    `);
  }

  override down(): void {
    this.addSql('drop table segment_contact, segment, business_object, account, contact_point, contact;');
  }
}
