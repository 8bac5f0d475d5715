import { Migration } from '@mikro-orm/migrations';

/** What the API refuses for a communication is refused to SQL, too: templates for what comes in, and systems that are disabled. */
export class Migration20261122002025_sql_entry_checks extends Migration {
  override up(): void {
    this.addSql(`
      create function check_communication_request() returns trigger language plpgsql as $$
      declare
        template record;
        system record;
      begin
        select t.code, t.direction into template from template t where t.id = new.template_id;
        if template.direction = 'INCOMING' then
          raise exception 'carillon.enqueue_communication: the template % is for what comes in', quote_literal(template.code)
            using errcode = 'invalid_parameter_value';
        end if;
        select x.code, x.enabled into system from external_system x where x.id = new.external_system_id;
        if not system.enabled then
          raise exception 'carillon.enqueue_communication: the external system % is disabled', quote_literal(system.code)
            using errcode = 'invalid_parameter_value', hint = 'Enable it, or name another.';
        end if;
        return new;
      end $$;
      create trigger check_communication_request before insert on communication_request
        for each row execute function check_communication_request();
    `);
  }

  override down(): void {
    this.addSql('drop trigger check_communication_request on communication_request; drop function check_communication_request;');
  }
}
