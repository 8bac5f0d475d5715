import { Migration } from '@mikro-orm/migrations';

/** A known key with something else behind it is a mistake, not a repetition: of events, and of communications asked for by SQL. */
export class Migration20261122002021_event_keys extends Migration {
  override up(): void {
    this.addSql(`
      -- Of what was told, where it had a key; null in rows from before, which are taken for the same.
      alter table event add column if not exists given_hash bytea;
      create or replace function event_hash(given jsonb) returns bytea language sql stable parallel safe as $$
        select sha256(convert_to(jsonb_build_array(given -> 'object_type', given -> 'external_id', given -> 'name',
          coalesce(nullif(given -> 'payload', 'null'), '{}'), extract(epoch from (given ->> 'occurred_at')::timestamptz), given -> 'caused_by')::text, 'UTF8'))
      $$;

      create or replace function record_events(given jsonb) returns table (place integer, event_id uuid, recorded boolean) language sql volatile as $$
        with g as materialized (
          select (e.n - 1)::integer as place, new_id() as id, e.r, s.*,
            exists (select from event_listener l where l.object_type = e.r ->> 'object_type' and l.name = e.r ->> 'name') as heard
          from jsonb_array_elements(given) with ordinality as e (r, n)
          cross join lateral event_subject(e.r ->> 'object_type', e.r ->> 'external_id') s
        ), made as (
          insert into event (id, object_type, name, contact_id, account_id, object_id, payload, object_row, account_row, contact_row, depth, caused_by,
            idempotency_key, given_hash, occurred_at)
          select g.id, g.r ->> 'object_type', g.r ->> 'name', g.contact_id, g.account_id, g.object_id, coalesce(g.r -> 'payload', '{}'),
            case when heard then g.object_row end, case when heard then g.account_row end, case when heard then g.contact_row end,
            event_depth((g.r ->> 'caused_by')::uuid), (g.r ->> 'caused_by')::uuid, g.r ->> 'key',
            case when g.r ->> 'key' is not null then event_hash(g.r) end, coalesce((g.r ->> 'occurred_at')::timestamptz, clock_timestamp())
          from g order by g.r ->> 'key', g.place
          on conflict (idempotency_key) where idempotency_key is not null do nothing
          returning event.seq, event.id
        ), waiting as (
          insert into event_waiting select made.seq from made join g on g.id = made.id where g.heard
        )
        select g.place, g.id, made.id is not null from g left join made on made.id = g.id order by g.place
      $$;

      create or replace function carillon.record_event(object_type text, object_id text, event text, payload jsonb default '{}',
        occurred_at timestamptz default null, idempotency_key text default null)
      returns uuid language plpgsql volatile security definer as $$
      declare
        told jsonb;
        made uuid;
        is_new boolean;
        is_same boolean;
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
        if not isfinite($5) then
          raise exception 'carillon.record_event: occurred_at must be an instant, not %', $5 using errcode = 'invalid_parameter_value';
        end if;
        if $5 > clock_timestamp() + interval '5 minutes' then
          raise exception 'carillon.record_event: an event has happened; occurred_at cannot lie ahead' using errcode = 'invalid_parameter_value';
        end if;
        if $6 = '' or length($6) > 200 then
          raise exception 'carillon.record_event: an idempotency key has 1 to 200 characters' using errcode = 'invalid_parameter_value';
        end if;
        told := jsonb_build_object('object_type', $1, 'external_id', $2, 'name', $3, 'payload', $4, 'occurred_at', $5, 'key', $6);
        select r.event_id, r.recorded into made, is_new from record_events(jsonb_build_array(told)) r;
        if made is null then
          raise exception 'carillon.record_event: there is no % %', $1, coalesce(quote_literal($2), 'null') using errcode = 'no_data_found';
        end if;
        if not is_new then
          select e.id, coalesce(e.given_hash = event_hash(told), true) into made, is_same from event e where e.idempotency_key = $6;
          if not is_same then
            raise exception 'carillon.record_event: the idempotency key % was used for another event', quote_literal($6)
              using errcode = 'invalid_parameter_value', hint = 'Take a new key.';
          end if;
        end if;
        return made;
      end $$;

      create or replace function carillon.enqueue_communication(template_code text, contact_id text, parameters jsonb default '{}', object_type text default null,
        object_id text default null, external_system_code text default null, expires_at timestamptz default null, idempotency_key text default null)
      returns uuid language plpgsql volatile security definer as $$
      #variable_conflict use_column
      declare
        template record;
        contact uuid;
        system record;
        subject record;
        made uuid;
        is_same boolean;
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
        if not isfinite($7) then
          raise exception 'carillon.enqueue_communication: expires_at must be an instant, not %', $7 using errcode = 'invalid_parameter_value';
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
        if made is null then
          -- What it is to say, and to whom; an expiry that is counted from now differs with each try.
          select r.id, (r.template_id, r.contact_id, r.object_type, r.object_id, case when r.object_id is null then r.account_id end, r.parameters, r.external_system_id)
              is not distinct from (template.id, contact, $4, subject.object_id, case when subject.object_id is null then subject.account_id end, $3, system.id)
            into made, is_same from communication_request r where r.idempotency_key = $8;
          if not is_same then
            raise exception 'carillon.enqueue_communication: the idempotency key % was used for another communication', quote_literal($8)
              using errcode = 'invalid_parameter_value', hint = 'Take a new key.';
          end if;
        end if;
        return made;
      end $$;
      -- A function that is replaced loses its search path.
      do $$ declare
        home name := (select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = 'event'::regclass);
        f regprocedure;
      begin
        for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'carillon'::regnamespace loop
          execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', f, home);
        end loop;
      end $$;
    `);
  }

  override down(): void {
    // What was there before took a key for known whatever came with it; what compares them stays, and can be brought anew.
  }
}
