import { Migration } from '@mikro-orm/migrations';

/** Plans, schedules, runs and whom they met. */
export class Migration20261122000500_generate extends Migration {
  override up(): void {
    this.addSql(`
      create table plan (
        id uuid primary key default new_id(),
        name text not null unique,
        code text not null unique,
        description text,
        expires_at timestamptz,
        include_segment_ids uuid[] not null,
        exclude_segment_ids uuid[] not null default '{}',
        apply_direct_marketing boolean not null default false,
        apply_affiliate_marketing boolean not null default false,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp()
      );
      create table plan_message (
        plan_id uuid not null references plan (id) on delete cascade,
        medium text not null,
        place integer not null,
        template_id uuid references template (id),
        content_id uuid references content (id),
        external_system_id uuid references external_system (id),
        address_type text,
        primary key (plan_id, medium),
        check ((template_id is null) <> (content_id is null))
      );

      -- \`rule\` is the ScheduleInput as checked, with its start made absolute; next_run_at is computed by src/generate/recurrence.
      create table schedule (
        id uuid primary key default new_id(),
        name text,
        plan_id uuid references plan (id) on delete cascade,
        rule jsonb not null,
        time_zone text not null,
        active boolean not null default true,
        fired integer not null default 0,
        last_run_at timestamptz,
        next_run_at timestamptz,
        created_at timestamptz not null default clock_timestamp()
      );
      create index schedule_due on schedule (next_run_at) where active;
      create index schedule_plan on schedule (plan_id);

      create table run (
        id uuid primary key default new_id(),
        seq bigint generated always as identity unique,
        plan_id uuid references plan (id) on delete cascade,
        schedule_id uuid references schedule (id) on delete set null,
        state text not null default 'SCHEDULED',
        scheduled_for timestamptz not null default clock_timestamp(),
        started_at timestamptz,
        finished_at timestamptz,
        error text,
        -- What it sends, frozen when it starts: one element for each medium (see src/generate).
        messages jsonb,
        matched integer not null default 0,
        generated integer not null default 0,
        skipped jsonb not null default '{}',
        -- The last ordinal of run_recipient that has been turned into communications; committed with each chunk.
        done_to bigint not null default 0,
        last_ordinal bigint not null default 0,
        claimed_by text,
        claimed_until timestamptz,
        unique (schedule_id, scheduled_for)
      );
      create index run_plan on run (plan_id, seq);
      create index run_open on run (scheduled_for) where state in ('SCHEDULED', 'RUNNING');

      create table run_recipient (
        run_id uuid not null,
        ordinal bigint not null,
        contact_id uuid not null,
        message smallint not null,
        object_id uuid,
        language text,
        address text,
        skip_reason text,
        primary key (run_id, ordinal)
      );
      create unique index run_recipient_once on run_recipient
        (run_id, contact_id, message, coalesce(object_id, '00000000-0000-0000-0000-000000000000'));

      -- How many communications of a run are in which state, as deltas: one row in one counter would serialise settling.
      create table run_tally (
        id bigint generated always as identity primary key,
        run_id uuid not null,
        pending integer not null default 0,
        completed integer not null default 0,
        rejected integer not null default 0,
        removed integer not null default 0
      );
      create index run_tally_run on run_tally (run_id);
    `);
  }

  override down(): void {
    this.addSql('drop table run_tally, run_recipient, run, schedule, plan_message, plan;');
  }
}
