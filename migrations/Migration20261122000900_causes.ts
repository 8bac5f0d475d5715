import { Migration } from '@mikro-orm/migrations';

/** Runs and schedules of every kind of cause; what a run's communications share is frozen with the run. */
export class Migration20261122000900_causes extends Migration {
  override up(): void {
    this.addSql(`
      alter table schedule add column notification_type_id uuid;
      create index schedule_notification_type on schedule (notification_type_id) where notification_type_id is not null;

      alter table run
        add column notification_type_id uuid,
        -- RunSettings of src/generate, frozen when it starts.
        add column settings jsonb;
      create index run_notification_type on run (notification_type_id, seq) where notification_type_id is not null;
      update run r set settings = jsonb_build_object('origin', 'PLAN', 'priority', 7, 'expiresAt', p.expires_at, 'objectType', null,
        'applyDirectMarketing', p.apply_direct_marketing, 'applyAffiliateMarketing', p.apply_affiliate_marketing)
      from plan p where p.id = r.plan_id and r.messages is not null;

      -- The account that a recipient is notified about, where the cause is about accounts.
      alter table run_recipient add column account_id uuid;
      drop index run_recipient_once;
      create unique index run_recipient_once on run_recipient
        (run_id, contact_id, message, coalesce(object_id, account_id, '00000000-0000-0000-0000-000000000000'));
    `);
  }

  override down(): void {
    this.addSql(`
      drop index run_recipient_once;
      alter table run_recipient drop column account_id;
      create unique index run_recipient_once on run_recipient
        (run_id, contact_id, message, coalesce(object_id, '00000000-0000-0000-0000-000000000000'));
      alter table run drop column notification_type_id, drop column settings;
      alter table schedule drop column notification_type_id;
    `);
  }
}
