import { Migration } from '@mikro-orm/migrations';

/** States of plans; what became of each instant of a schedule; turns of runs; retraction. */
export class Migration20261122001300_plans extends Migration {
  override up(): void {
    this.addSql(`
      alter table plan add column state text not null default 'EFFECTIVE';

      alter table schedule
        add column misfire text not null default 'FIRE_ONCE',
        add column missed integer not null default 0;
      -- What became of each instant: pruned by age.
      create table schedule_fire (
        id bigint generated always as identity primary key,
        schedule_id uuid not null references schedule (id) on delete cascade,
        due_at timestamptz not null,
        outcome text not null,
        run_id uuid references run (id) on delete set null,
        decided_at timestamptz not null default now()
      );
      create index schedule_fire_schedule on schedule_fire (schedule_id, id);
      create index schedule_fire_run on schedule_fire (run_id) where run_id is not null;
      create index schedule_fire_decided on schedule_fire (decided_at);

      -- A run outlives its plan: its communications refer to it.
      alter table run
        drop constraint run_plan_id_fkey,
        add constraint run_plan_id_fkey foreign key (plan_id) references plan (id) on delete set null,
        -- The row lock of a chunk's transaction is the claim.
        drop column claimed_by,
        drop column claimed_until,
        -- Who has had least goes next (src/generate/turn.ts).
        add column turn bigint not null default 0,
        add column retract_requested_at timestamptz,
        add column retract_finished_at timestamptz,
        -- The seq of the last communication that the retraction has looked at; committed with what it took back.
        add column retract_to bigint not null default 0,
        add column retracted integer not null default 0;
      drop index run_open;
      create index run_open on run (turn) where state in ('SCHEDULED', 'RUNNING');
      create index run_schedule_open on run (schedule_id, seq) where state in ('SCHEDULED', 'RUNNING', 'PAUSED');
      create index run_retracting on run (retract_requested_at) where retract_requested_at is not null and retract_finished_at is null;
      -- Met while somebody was carrying them: looked at again.
      create table retraction_left (
        run_id uuid not null,
        communication_id uuid not null,
        primary key (run_id, communication_id)
      );
    `);
  }

  override down(): void {
    this.addSql(`
      drop table retraction_left;
      drop index run_retracting, run_schedule_open, run_open;
      alter table run
        drop column turn, drop column retract_requested_at, drop column retract_finished_at, drop column retract_to, drop column retracted,
        add column claimed_by text,
        add column claimed_until timestamptz,
        drop constraint run_plan_id_fkey,
        add constraint run_plan_id_fkey foreign key (plan_id) references plan (id) on delete cascade;
      create index run_open on run (scheduled_for) where state in ('SCHEDULED', 'RUNNING');
      drop table schedule_fire;
      alter table schedule drop column misfire, drop column missed;
      alter table plan drop column state;
    `);
  }
}
