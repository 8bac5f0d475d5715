import { Migration } from '@mikro-orm/migrations';

/** Notification types, notifications and what they are about. */
export class Migration20261122001000_notifications extends Migration {
  override up(): void {
    this.addSql(`
      create table notification_type (
        id uuid primary key default new_id(),
        name text not null unique,
        classification text not null check (classification in ('CUSTOMER_CARE', 'FINANCIAL', 'REWARD')),
        about text not null,
        template_id uuid not null references template (id),
        external_system_id uuid references external_system (id),
        address_type text,
        -- NotificationCriteriaInput as it was checked.
        criteria jsonb not null default '{}',
        -- What the criteria name, so that it is not deleted from under them.
        segment_ids uuid[] not null default '{}',
        history_type_ids uuid[] not null default '{}',
        apply_direct_marketing boolean not null default false,
        apply_affiliate_marketing boolean not null default false,
        active boolean not null default true,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp()
      );
      create index notification_type_template on notification_type (template_id);

      alter table schedule add foreign key (notification_type_id) references notification_type (id) on delete cascade;
      alter table run add foreign key (notification_type_id) references notification_type (id);

      -- The objects that a recipient is told of together; null where there is the one of object_id.
      alter table run_recipient add column item_ids uuid[];

      -- Written with its communication, whose id it has. Carries the load: no foreign keys (see communication).
      create table notification (
        id uuid primary key,
        seq bigint generated always as identity unique,
        notification_type_id uuid not null,
        run_id uuid not null,
        ordinal bigint not null,
        contact_id uuid not null,
        account_id uuid,
        participant_id uuid,
        currency text,
        -- Of the items in that currency.
        total numeric,
        -- When its run met the recipient.
        created_at timestamptz not null,
        unique (run_id, ordinal)
      );
      -- Whom a type has notified since when; one for each kind of recipient.
      create index notification_to_contact on notification (notification_type_id, contact_id, created_at);
      create index notification_to_account on notification (notification_type_id, account_id, created_at) where account_id is not null;
      create index notification_to_participant on notification (notification_type_id, participant_id, created_at)
        where participant_id is not null;
      create index notification_contact on notification (contact_id, seq);

      create table notified_item (
        notification_id uuid not null,
        place integer not null,
        object_type text not null,
        object_id uuid not null,
        external_id text not null,
        number text,
        currency text,
        amount numeric,
        outstanding_amount numeric,
        unsettled_amount numeric,
        estimated_consumption_date date,
        estimated_consumption_days integer,
        primary key (notification_id, place)
      );
      create index notified_item_object on notified_item (object_id);

      -- Criteria name offers by the number that all their participants share.
      create index business_object_offer on business_object (number) where type = 'reward_offer';

      alter view template_use rename to template_use_before_notifications;
      create view template_use as
        select template_id, used_by from template_use_before_notifications
        union all
        select template_id, 'the notification type ' || name from notification_type;
      alter view segment_use rename to segment_use_before_notifications;
      create view segment_use as
        select segment_id, used_by from segment_use_before_notifications
        union all
        select s.id, 'the notification type ' || t.name from notification_type t cross join lateral unnest(t.segment_ids) as s (id);
    `);
  }

  override down(): void {
    this.addSql(`
      drop view segment_use, template_use;
      alter view segment_use_before_notifications rename to segment_use;
      alter view template_use_before_notifications rename to template_use;
      drop index business_object_offer;
      drop table notified_item, notification;
      alter table run_recipient drop column item_ids;
      alter table run drop constraint run_notification_type_id_fkey;
      alter table schedule drop constraint schedule_notification_type_id_fkey;
      drop table notification_type;
    `);
  }
}
