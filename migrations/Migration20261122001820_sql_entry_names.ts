import { Migration } from '@mikro-orm/migrations';

/**
 * In `on conflict (idempotency_key)` the column was mistaken for the parameter of that name; and a role that is itself named
 * carillon has a schema of its own by that name in its default search path.
 */
export class Migration20261122001820_sql_entry_names extends Migration {
  override up(): void {
    this.addSql(`
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
      -- Our tables are where they were. For a role named carillon, the default search path ("$user", public) has meanwhile come to
      -- mean the new schema: what is created without a schema, now and later, must not end up there.
      do $$ declare
        home name := (select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = 'event'::regclass);
        f regprocedure;
      begin
        if current_schema <> home then
          execute format('alter role %I in database %I set search_path = %I', current_user, current_database(), home);
          perform set_config('search_path', quote_ident(home), false);
        end if;
        for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'carillon'::regnamespace loop
          execute format('alter function %s set search_path = pg_catalog, %I, pg_temp', f, home);
        end loop;
      end $$;
    `);
  }

  override down(): void {
    // What was there before could not be called.
  }
}
