import { Migration } from '@mikro-orm/migrations';

/** Events in, rules that listen to them, what became of each, and the entry for billing systems in the same database. */
export class Migration20261122001100_rules extends Migration {
  override up(): void {
    this.addSql(`
      -- The account that stands above it in a group (E4).
      alter table account add column parent_id uuid references account (id) on delete set null;
      create index account_parent on account (parent_id) where parent_id is not null;

      create table declared_event (
        object_type text not null,
        name text not null,
        labels jsonb not null,
        created_at timestamptz not null default clock_timestamp(),
        primary key (object_type, name)
      );
      -- The events that the product declares itself, written by each process as it starts: SQL has to know them, too.
      create table built_in_event (
        object_type text not null,
        name text not null,
        primary key (object_type, name)
      );

      -- Append-only. The rows of object, account and contact are kept as they were then where somebody listens: what a rule says
      -- is frozen when the event happens (AMB-3). No key refers to a communication; contacts take their events with them.
      create table event (
        seq bigint generated always as identity primary key,
        id uuid not null unique default new_id(),
        object_type text not null,
        name text not null,
        contact_id uuid not null references contact (id) on delete cascade,
        account_id uuid,
        object_id uuid,
        payload jsonb not null default '{}',
        object_row jsonb,
        account_row jsonb,
        contact_row jsonb,
        -- How many communications in a row led to it, as those who record events say by caused_by.
        depth smallint not null default 0,
        caused_by uuid,
        idempotency_key text,
        occurred_at timestamptz not null default clock_timestamp(),
        recorded_at timestamptz not null default clock_timestamp()
      );
      create unique index event_key on event (idempotency_key) where idempotency_key is not null;
      create index event_contact on event (contact_id, seq);
      create index event_name on event (object_type, name, seq);
      create index event_recorded on event (recorded_at);

      -- Events that rules have not looked at: taken and deleted in the transaction that acts on them.
      create table event_waiting (
        event_seq bigint primary key
      ) with (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 10000);

      create table rule (
        id uuid primary key default new_id(),
        name text not null unique,
        code text not null unique,
        description text,
        object_type text not null,
        events text[] not null,
        -- Rows of ConditionInput: at least one must be met (E7); none: always.
        conditions jsonb not null default '[]',
        -- At most one: a time of day in the contact's zone, or a Duration after the event. Neither: at once (E5).
        send_at time,
        send_after jsonb,
        expires_after jsonb,
        notify_parent boolean not null default false,
        apply_direct_marketing boolean not null default false,
        apply_affiliate_marketing boolean not null default false,
        priority smallint not null,
        enabled boolean not null,
        -- Events from before are none of its business.
        enabled_at timestamptz not null default clock_timestamp(),
        last_error text,
        last_error_at timestamptz,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp()
      );
      create table rule_message (
        rule_id uuid not null references rule (id) on delete cascade,
        medium text not null,
        place integer not null,
        template_id uuid references template (id),
        content_id uuid references content (id),
        external_system_id uuid references external_system (id),
        category_id uuid references category (id),
        address_type text,
        primary key (rule_id, medium),
        check ((template_id is null) <> (content_id is null))
      );
      create index rule_message_template on rule_message (template_id) where template_id is not null;

      -- Who wants to hear of which events. Each migration that brings a listener adds its rows here.
      create view event_listener (object_type, name) as
        select object_type, unnest(events) from rule where enabled;

      -- What an event came to, for each rule that listened: one row where its conditions did not hold (message -1), otherwise one
      -- for each message and recipient. Its key is what makes "once" true. HELD ones wait for due_at with their values frozen.
      create table rule_outcome (
        seq bigint generated always as identity,
        event_seq bigint not null,
        rule_id uuid not null references rule (id) on delete cascade,
        message smallint not null,
        to_parent boolean not null default false,
        state text not null check (state in ('NOT_MET', 'HELD', 'CREATED', 'SKIPPED', 'FAILED')),
        reason text,
        -- Which conditions held, in their order; null where there are none.
        conditions boolean[],
        medium text,
        contact_id uuid,
        account_id uuid,
        object_id uuid,
        language text,
        address text,
        communication_id uuid,
        due_at timestamptz,
        held jsonb,
        tag_values jsonb,
        zone_offset smallint,
        at timestamptz not null default clock_timestamp(),
        primary key (event_seq, rule_id, message, to_parent)
      ) with (fillfactor = 90);
      create index rule_outcome_rule on rule_outcome (rule_id, seq);
      create index rule_outcome_due on rule_outcome (due_at) where state = 'HELD';

      alter table communication add column rule_id uuid, add column event_seq bigint;
      create index communication_rule on communication (rule_id, seq) where rule_id is not null;

      -- The state of a record, as most types call it.
      create function event_state(of jsonb) returns text language sql immutable parallel safe as $$
        select coalesce(of -> 'fields' ->> 'state', of -> 'fields' ->> 'status', of -> 'attributes' ->> 'state', of -> 'attributes' ->> 'status')
      $$;
      -- The values of a record by the names that tags and conditions give them.
      create function event_values(of jsonb) returns jsonb language sql immutable parallel safe as $$
        select (of - array['id', 'type', 'external_id', 'contact_id', 'account_id', 'parent_id', 'fields', 'attributes', 'created_at', 'updated_at'])
          || coalesce(of -> 'fields', '{}')
          || (select coalesce(jsonb_object_agg('attributes.' || key, value), '{}') from jsonb_each(coalesce(of -> 'attributes', '{}')))
      $$;
      create function event_change(before jsonb, after jsonb) returns jsonb language sql immutable parallel safe as $$
        select jsonb_build_object('changed', coalesce(jsonb_agg(key order by key), '[]'),
          'old', coalesce(jsonb_object_agg(key, o.value), '{}'), 'new', coalesce(jsonb_object_agg(key, n.value), '{}'))
        from jsonb_each(event_values(before)) o full join jsonb_each(event_values(after)) n using (key)
        where nullif(o.value, 'null') is distinct from nullif(n.value, 'null')
      $$;

      -- Whom an event about this object concerns, and the rows as they are.
      create function event_subject(of_type text, of_id text)
      returns table (contact_id uuid, account_id uuid, object_id uuid, object_row jsonb, account_row jsonb, contact_row jsonb)
      language sql stable as $$
        select k.id, null::uuid, null::uuid, null::jsonb, null::jsonb, to_jsonb(k) from contact k where of_type = 'contact' and k.external_id = of_id
        union all
        select a.contact_id, a.id, null, null, to_jsonb(a), null from account a where of_type = 'account' and a.external_id = of_id
        union all
        select o.contact_id, o.account_id, o.id, to_jsonb(o), to_jsonb(a), null
        from business_object o left join account a on a.id = o.account_id where o.type = of_type and o.external_id = of_id
      $$;

      -- How many communications in a row led to an event that this one led to.
      create function event_depth(of uuid) returns integer language sql stable as $$
        select case when of is null then 0
          else coalesce((select e.depth + 1 from communication m join event e on e.seq = m.event_seq where m.id = of), 1) end
      $$;

      -- Records events of objects that are there: [{object_type, external_id, name, payload, occurred_at, key, caused_by}].
      -- A key that is known records nothing.
      create function record_events(given jsonb) returns table (place integer, event_id uuid, recorded boolean) language sql volatile as $$
        with g as materialized (
          select (e.n - 1)::integer as place, new_id() as id, e.r, s.*,
            exists (select from event_listener l where l.object_type = e.r ->> 'object_type' and l.name = e.r ->> 'name') as heard
          from jsonb_array_elements(given) with ordinality as e (r, n)
          cross join lateral event_subject(e.r ->> 'object_type', e.r ->> 'external_id') s
        ), made as (
          insert into event (id, object_type, name, contact_id, account_id, object_id, payload, object_row, account_row, contact_row, depth, caused_by,
            idempotency_key, occurred_at)
          select g.id, g.r ->> 'object_type', g.r ->> 'name', g.contact_id, g.account_id, g.object_id, coalesce(g.r -> 'payload', '{}'),
            case when heard then g.object_row end, case when heard then g.account_row end, case when heard then g.contact_row end,
            event_depth((g.r ->> 'caused_by')::uuid), (g.r ->> 'caused_by')::uuid, g.r ->> 'key',
            coalesce((g.r ->> 'occurred_at')::timestamptz, clock_timestamp())
          from g order by g.r ->> 'key', g.place
          on conflict (idempotency_key) where idempotency_key is not null do nothing
          returning event.seq, event.id
        ), waiting as (
          insert into event_waiting select made.seq from made join g on g.id = made.id where g.heard
        )
        select g.place, g.id, made.id is not null from g left join made on made.id = g.id order by g.place
      $$;

      -- Whatever else uses them stays as it is.
      alter view template_use rename to template_use_without_rules;
      create view template_use (template_id, used_by) as
        select template_id, used_by from template_use_without_rules
        union all
        select m.template_id, 'the rule ' || r.name from rule_message m join rule r on r.id = m.rule_id where m.template_id is not null;
      alter view category_use rename to category_use_without_rules;
      create view category_use (category_id, used_by) as
        select category_id, used_by from category_use_without_rules
        union all
        select m.category_id, 'the rule ' || r.name from rule_message m join rule r on r.id = m.rule_id where m.category_id is not null;
    `);
  }

  override down(): void {
    this.addSql(`
      drop view template_use, category_use;
      alter view template_use_without_rules rename to template_use;
      alter view category_use_without_rules rename to category_use;
      alter table communication drop column rule_id, drop column event_seq;
      drop function record_events(jsonb), event_depth(uuid), event_subject(text, text), event_change(jsonb, jsonb), event_values(jsonb), event_state(jsonb);
      drop table rule_outcome;
      drop view event_listener;
      drop table rule_message, rule, event_waiting, event, built_in_event, declared_event;
      alter table account drop column parent_id;
      update catalogue_revision set revision = new_id();
    `);
  }
}
