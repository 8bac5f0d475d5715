import { Migration } from '@mikro-orm/migrations';

/** What readers did with messages, and the units that own communications and plans. */
export class Migration20261122001900_tracking extends Migration {
  override up(): void {
    this.addSql(`
      -- Append-only, and bounded for each communication (src/communications/tracking.ts). It stands beside the state of a communication
      -- and never moves it; contact and run are copied, so that figures of a run of millions read its events alone.
      create table tracking_event (
        id uuid primary key default new_id(),
        communication_id uuid not null,
        contact_id uuid not null,
        run_id uuid,
        kind text not null check (kind in ('OPENED', 'CLICKED')),
        -- Which link of its text, in its language.
        link smallint check ((kind = 'CLICKED') = (link is not null)),
        -- A program did it, no reader.
        machine boolean not null,
        at timestamptz not null default clock_timestamp()
      );
      create index tracking_event_communication on tracking_event (communication_id, kind, machine);
      create index tracking_event_run on tracking_event (run_id, kind) where run_id is not null;

      alter table communication add column owned_by_unit text;
      create index communication_owner on communication (owned_by_unit, seq) where owned_by_unit is not null;
      alter table plan add column owned_by_unit text;
    `);
  }

  override down(): void {
    this.addSql(`
      alter table plan drop column owned_by_unit;
      alter table communication drop column owned_by_unit;
      drop table tracking_event;
    `);
  }
}
