import { Migration } from '@mikro-orm/migrations';

/** The entry for a billing system in the same PostgreSQL (XU3): events and communications within its own transactions. */
export class Migration20261122001810_sql_entry extends Migration {
  override up(): void {
    this.addSql(`
      -- Ten thousand rows a second are not checked one by one; what a deleted rule left behind is forgotten in time.
      alter table rule_outcome drop constraint rule_outcome_rule_id_fkey;
      -- Blocks can be switched (E8).
      alter table rule_message add column enabled boolean not null default true;

      alter view external_system_use rename to external_system_use_without_rules;
      create view external_system_use (external_system_id, used_by) as
        select external_system_id, used_by from external_system_use_without_rules
        union all
        select m.external_system_id, 'the rule ' || r.name from rule_message m join rule r on r.id = m.rule_id where m.external_system_id is not null;

      -- Communications that were asked for by SQL: a worker makes them, by the pipeline that makes all others.
      create table communication_request (
        id uuid primary key default new_id(),
        seq bigint generated always as identity unique,
        idempotency_key text unique,
        template_id uuid not null,
        contact_id uuid not null references contact (id) on delete cascade,
        object_type text,
        object_id uuid,
        account_id uuid,
        parameters jsonb not null default '{}',
        external_system_id uuid,
        expires_at timestamptz,
        state text not null default 'WAITING' check (state in ('WAITING', 'CREATED', 'SKIPPED', 'FAILED')),
        reason text,
        language text,
        address text,
        communication_id uuid,
        requested_by text not null default session_user,
        requested_at timestamptz not null default clock_timestamp()
      );
      create index communication_request_waiting on communication_request (seq) where state = 'WAITING';
      create index communication_request_old on communication_request (requested_at);

      create schema carillon;

      create function carillon.record_event(object_type text, object_id text, event text, payload jsonb default '{}',
        occurred_at timestamptz default null, idempotency_key text default null)
      returns uuid language plpgsql volatile security definer as $$
      declare
        made uuid;
        is_new boolean;
      begin
        if not exists (select from built_in_event b where b.object_type = $1 and b.name = $3)
          and not exists (select from declared_event d where d.object_type = $1 and d.name = $3) then
          raise exception 'carillon.record_event: % has no event %', coalesce(quote_literal($1), 'null'), coalesce(quote_literal($3), 'null')
            using errcode = 'invalid_parameter_value',
              hint = coalesce('It has ' || (select string_agg(known.name, ', ' order by known.name) from (
                select b.name from built_in_event b where b.object_type = $1 union select d.name from declared_event d where d.object_type = $1) known),
                'There is no such type of object, or nothing happens to it; declareEvent adds events.');
        end if;
        if jsonb_typeof($4) is distinct from 'object' or length($4::text) > 16384 then
          raise exception 'carillon.record_event: the payload must be a JSON object of at most 16 kB' using errcode = 'invalid_parameter_value';
        end if;
        if $5 > clock_timestamp() + interval '5 minutes' then
          raise exception 'carillon.record_event: an event has happened; occurred_at cannot lie ahead' using errcode = 'invalid_parameter_value';
        end if;
        if $6 = '' or length($6) > 200 then
          raise exception 'carillon.record_event: an idempotency key has 1 to 200 characters' using errcode = 'invalid_parameter_value';
        end if;
        select r.event_id, r.recorded into made, is_new from record_events(jsonb_build_array(jsonb_build_object('object_type', $1, 'external_id', $2,
          'name', $3, 'payload', $4, 'occurred_at', $5, 'key', $6))) r;
        if made is null then
          raise exception 'carillon.record_event: there is no % %', $1, coalesce(quote_literal($2), 'null') using errcode = 'no_data_found';
        end if;
        if not is_new then select e.id into made from event e where e.idempotency_key = $6; end if;
        return made;
      end $$;

      create function carillon.enqueue_communication(template_code text, contact_id text, parameters jsonb default '{}', object_type text default null,
        object_id text default null, external_system_code text default null, expires_at timestamptz default null, idempotency_key text default null)
      returns uuid language plpgsql volatile security definer as $$
      declare
        template record;
        contact uuid;
        system record;
        subject record;
        made uuid;
      begin
        select t.id, t.state, t.medium, t.object_type as about into template from template t where t.code = $1;
        if not found then
          raise exception 'carillon.enqueue_communication: there is no template %', coalesce(quote_literal($1), 'null') using errcode = 'no_data_found';
        end if;
        if template.state <> 'EFFECTIVE' then
          raise exception 'carillon.enqueue_communication: the template % is not effective', quote_literal($1) using errcode = 'invalid_parameter_value';
        end if;
        if template.medium not in ('EMAIL', 'SMS', 'DEVICE', 'WHATSAPP') then
          raise exception 'carillon.enqueue_communication: the template % is for %, which never queues', quote_literal($1), template.medium
            using errcode = 'invalid_parameter_value';
        end if;
        select k.id into contact from contact k where k.external_id = $2;
        if not found then
          raise exception 'carillon.enqueue_communication: there is no contact %', coalesce(quote_literal($2), 'null') using errcode = 'no_data_found';
        end if;
        if jsonb_typeof($3) is distinct from 'object' or length($3::text) > 65536 then
          raise exception 'carillon.enqueue_communication: parameters must be a JSON object of at most 64 kB' using errcode = 'invalid_parameter_value';
        end if;
        if ($4 is null) <> ($5 is null) then
          raise exception 'carillon.enqueue_communication: give object_type and object_id, or neither' using errcode = 'invalid_parameter_value';
        end if;
        select null::uuid as object_id, null::uuid as account_id, null::uuid as contact_id into subject;
        if $4 is not null then
          if template.about is not null and template.about not in ($4, 'contact', 'account', 'wallet') then
            raise exception 'carillon.enqueue_communication: the template % is about a %, not about a %', quote_literal($1), template.about, $4
              using errcode = 'invalid_parameter_value';
          end if;
          select s.object_id, s.account_id, s.contact_id into subject from event_subject($4, $5) s;
          if subject.contact_id is distinct from contact then
            raise exception 'carillon.enqueue_communication: the contact % has no % %', quote_literal($2), $4, quote_literal($5)
              using errcode = 'no_data_found';
          end if;
        end if;
        select null::uuid as id, null::text[] as media into system;
        if $6 is not null then
          select x.id, x.media into system from external_system x where x.code = $6;
          if not found then
            raise exception 'carillon.enqueue_communication: there is no external system %', quote_literal($6) using errcode = 'no_data_found';
          end if;
          if not template.medium = any(system.media) then
            raise exception 'carillon.enqueue_communication: % does not process %', quote_literal($6), template.medium
              using errcode = 'invalid_parameter_value';
          end if;
        end if;
        if $7 <= clock_timestamp() then
          raise exception 'carillon.enqueue_communication: expires_at must lie in the future' using errcode = 'invalid_parameter_value';
        end if;
        if $8 = '' or length($8) > 200 then
          raise exception 'carillon.enqueue_communication: an idempotency key has 1 to 200 characters' using errcode = 'invalid_parameter_value';
        end if;
        insert into communication_request (idempotency_key, template_id, contact_id, object_type, object_id, account_id, parameters, external_system_id, expires_at)
        values ($8, template.id, contact, $4, subject.object_id, subject.account_id, $3, system.id, $7)
        on conflict (idempotency_key) do nothing returning id into made;
        if made is null then select r.id into made from communication_request r where r.idempotency_key = $8; end if;
        return made;
      end $$;

      -- Whoever may call them acts with our rights, on our tables and nobody else's.
      do $$ declare f regprocedure; begin
        for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'carillon'::regnamespace loop
          execute format('alter function %s set search_path = %I, pg_catalog, pg_temp', f, current_schema);
          execute format('revoke all on function %s from public', f);
        end loop;
      end $$;
      comment on schema carillon is 'What other programs in this database may call; see docs/sql.md.';
    `);
  }

  override down(): void {
    this.addSql(`
      drop function carillon.record_event, carillon.enqueue_communication;
      drop schema carillon;
      drop table communication_request;
      drop view external_system_use;
      alter view external_system_use_without_rules rename to external_system_use;
      alter table rule_message drop column enabled;
      delete from rule_outcome o where not exists (select from rule r where r.id = o.rule_id);
      alter table rule_outcome add constraint rule_outcome_rule_id_fkey foreign key (rule_id) references rule (id) on delete cascade;
    `);
  }
}
