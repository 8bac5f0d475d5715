import { Migration } from '@mikro-orm/migrations';

/** Ids, the change log, idempotency, settings, API keys. */
export class Migration20261122000100_ground extends Migration {
  override up(): void {
    this.addSql(`
      -- UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits. uuidv7() exists only from PostgreSQL 18.
      create function new_id() returns uuid language sql volatile parallel safe as $$
        select encode(
          set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
              placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
              from 1 for 6),
            52, 1), 53, 1),
          'hex')::uuid
      $$;

      -- What changed, as written by the changing transaction: no position yet (design.md section 6).
      create table change_outbox (
        id bigint generated always as identity primary key,
        kind text not null,
        contact_id uuid,
        external_system_id uuid,
        communication_id uuid,
        run_id uuid,
        data jsonb not null default '{}',
        at timestamptz not null default clock_timestamp()
      ) with (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 20000);
      create index change_outbox_contact on change_outbox (contact_id) where contact_id is not null;

      -- The log: dense positions, given after commit by carillon_sequence(). Append-only, pruned from its old end.
      create table change (
        position bigint primary key,
        kind text not null,
        contact_id uuid,
        external_system_id uuid,
        communication_id uuid,
        run_id uuid,
        data jsonb not null,
        at timestamptz not null
      );
      create index change_contact on change (contact_id, position) where contact_id is not null;

      -- One row: which history the positions belong to, the last position given, and the last one pruned.
      create table change_log (
        only_row boolean primary key default true check (only_row),
        epoch uuid not null default gen_random_uuid(),
        position bigint not null default 0,
        pruned_to bigint not null default 0
      );
      insert into change_log default values;

      -- Moves what has become visible from the outbox into the log, in the order of its ids. A writer takes its id while it
      -- holds the lock of the row that it changes, so the changes of one row keep their order. Whoever holds the lock of the
      -- one row is the sequencer; others return at once.
      create function sequence_changes(most integer) returns bigint language plpgsql as $$
      declare
        base bigint;
        moved bigint;
      begin
        select position into base from change_log for update skip locked;
        if not found then return -1; end if;
        with taken as (
          delete from change_outbox where id in (select id from change_outbox order by id limit most) returning *
        ), placed as (
          insert into change (position, kind, contact_id, external_system_id, communication_id, run_id, data, at)
          select base + row_number() over (order by id), kind, contact_id, external_system_id, communication_id, run_id, data, at
          from taken
          returning 1
        )
        select count(*) into moved from placed;
        if moved > 0 then update change_log set position = base + moved; end if;
        return moved;
      end $$;

      create table idempotency (
        caller text not null,
        mutation text not null,
        key text not null,
        input_hash text not null,
        selection_hash text,
        answer jsonb,
        refs jsonb,
        created_at timestamptz not null default clock_timestamp(),
        primary key (caller, mutation, key)
      );
      create index idempotency_created on idempotency (created_at);

      create table setting (
        name text primary key,
        value jsonb not null,
        updated_at timestamptz not null default clock_timestamp()
      );

      create table api_key (
        id uuid primary key default new_id(),
        hash bytea not null unique,
        role text not null check (role in ('ADMIN', 'AGENT', 'EXTERNAL_SYSTEM', 'CONTACT')),
        subject text not null,
        label text,
        created_at timestamptz not null default clock_timestamp(),
        expires_at timestamptz,
        revoked_at timestamptz
      );
    `);
  }

  override down(): void {
    this.addSql(`
      drop table api_key, setting, idempotency, change, change_outbox, change_log;
      drop function sequence_changes(integer);
      drop function new_id();
    `);
  }
}
