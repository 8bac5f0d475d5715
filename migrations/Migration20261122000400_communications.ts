import { Migration } from '@mikro-orm/migrations';

/** External systems, communications, the queue, what delivery leaves behind. */
export class Migration20261122000400_communications extends Migration {
  override up(): void {
    this.addSql(`
      create table external_system (
        id uuid primary key default new_id(),
        name text not null unique,
        code text not null unique,
        media text[] not null,
        contact_inbox boolean not null default false,
        character_limit integer,
        description text,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp()
      );

      -- The tables that carry the load have no foreign keys: checking five of them took half the time of a run (measured). Their
      -- rows are written by one statement from rows that were just read, and what they refer to is never deleted alone.
      -- \`state\` stands in no index and in no index's predicate, and pages keep room: settling is a HOT update (performance.md D).
      create table communication (
        id uuid primary key default new_id(),
        seq bigint generated always as identity,
        contact_id uuid not null,
        account_id uuid,
        object_type text,
        object_id uuid,
        medium text not null,
        direction text not null default 'OUTGOING',
        origin text not null,
        state text not null,
        address text,
        external_system_id uuid,
        run_id uuid,
        follow_up_of uuid,
        content_id uuid not null,
        language text not null,
        -- One value for each tag of the content, in its order; see content.tags.
        tag_values jsonb not null default '[]',
        -- Minutes east of UTC, frozen with the values, so that instants are printed the same for ever.
        zone_offset smallint not null default 0,
        expires_at timestamptz,
        created_at timestamptz not null default clock_timestamp(),
        completed_at timestamptz,
        viewed_at timestamptz,
        rejected_at timestamptz,
        rejection_code text,
        rejection_message text,
        -- The lease that settled it: the same token may say it again.
        settled_token uuid,
        provider_id text
      ) with (fillfactor = 70);
      create unique index communication_seq on communication (seq);
      create index communication_contact on communication (contact_id, seq);
      create index communication_run on communication (run_id, seq) where run_id is not null;
      create index communication_system on communication (external_system_id, seq) where external_system_id is not null;

      -- What a DRAFT was written with, so that it can be edited; gone once it is sent.
      create table draft (
        communication_id uuid primary key references communication (id) on delete cascade,
        input jsonb not null
      );

      -- The waiting list: a row exists while the work waits or is leased. A lease moves \`due_at\` to its end, so what is not
      -- settled by then is due again by itself; a retry moves it to the next try.
      create table queue_entry (
        id uuid primary key,
        seq bigint not null,
        external_system_id uuid,
        medium text not null,
        run_id uuid,
        priority smallint not null default 5,
        due_at timestamptz not null default clock_timestamp(),
        expires_at timestamptz,
        attempts integer not null default 0,
        lease_token uuid,
        leased_by text,
        last_error text
      ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
      create index queue_entry_engine on queue_entry (medium, priority, due_at, seq) where external_system_id is null;
      create index queue_entry_system on queue_entry (external_system_id, priority, seq) where external_system_id is not null;

      -- What must be announced when its time has passed: waiting entries and inbox entries that expire.
      create table entry_expiry (
        communication_id uuid primary key,
        expires_at timestamptz not null
      );
      create index entry_expiry_due on entry_expiry (expires_at);

      -- What the sandbox kept instead of sending.
      create table sandbox_message (
        id uuid primary key default new_id(),
        seq bigint generated always as identity unique,
        communication_id uuid,
        medium text not null,
        sender text,
        recipient text not null,
        subject text,
        body text,
        raw bytea,
        received_at timestamptz not null default clock_timestamp()
      );
    `);
  }

  override down(): void {
    this.addSql('drop table sandbox_message, entry_expiry, queue_entry, draft, communication, external_system;');
  }
}
