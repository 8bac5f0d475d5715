import { Migration } from '@mikro-orm/migrations';

/** Systems that begin or cease to feed inboxes, and systems that are deleted: the log and the history know. */
export class Migration20261122002011_systems_that_leave extends Migration {
  override up(): void {
    this.addSql(`
      alter table external_system
        -- The position of the log from which on contact_inbox has been what it is; before, it was the other. 0: it always was.
        add column inbox_since bigint not null default 0,
        -- A deleted system is kept for what it was sent, without its code, so that nothing finds it by that and both are free again.
        add column deleted_at timestamptz,
        add column former_code text,
        alter column code drop not null,
        add check ((code is null) = (deleted_at is not null) and (code is null) = (former_code is not null)),
        drop constraint external_system_name_key;
      create unique index external_system_name on external_system (name) where deleted_at is null;

      -- One change, however many entries enter or leave however many inboxes (docs/decisions/0030-inboxes-begin-anew.md). It is placed as place_created does it, so that
      -- the row of the system and the log agree at every instant on where it happened: call it last.
      create function place_inbox_switch(system uuid) returns bigint language plpgsql as $$
      declare
        place bigint;
      begin
        select position + 1 into strict place from change_log for update;
        insert into change (position, kind, external_system_id, data, at) values (place, 'system.switched', $1, '{}', clock_timestamp());
        update change_log set position = place;
        update external_system set inbox_since = place where id = $1;
        return place;
      end $$;

      alter view external_system_use rename to external_system_use_without_requests;
      create view external_system_use (external_system_id, used_by) as
        select external_system_id, used_by from external_system_use_without_requests
        union all
        select external_system_id, 'a communication that was asked for by SQL' from communication_request
        where state = 'WAITING' and external_system_id is not null;
    `);
  }

  override down(): void {
    this.addSql(`
      drop view external_system_use;
      alter view external_system_use_without_requests rename to external_system_use;
      drop function place_inbox_switch(uuid);
      drop index external_system_name;
      update external_system set name = name || ' (deleted ' || id || ')', code = id::text where deleted_at is not null;
      alter table external_system drop column inbox_since, drop column deleted_at, drop column former_code,
        alter column code set not null, add constraint external_system_name_key unique (name);
    `);
  }
}
