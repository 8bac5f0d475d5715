import { Migration } from '@mikro-orm/migrations';

/** What external systems can be told, who uses them, and the keys that they show. */
export class Migration20261122001700_systems extends Migration {
  override up(): void {
    this.addSql(`
      alter table external_system
        add column enabled boolean not null default true,
        -- Which provisioning provider works off its DEVICE entries; at most one system for each.
        add column provisioning_provider text unique,
        -- Codes of business units; null: every unit.
        add column usable_by_units text[],
        -- An entry whose lease has ended that often unsettled is REJECTED; null: it is tried for ever.
        add column max_attempts integer check (max_attempts > 0),
        add column lease_seconds integer not null default 60 check (lease_seconds between 1 and 3600);

      create index api_key_subject on api_key (role, subject) where revoked_at is null;

      -- Who uses a system, in words: each cause that comes to know systems adds its own rows here.
      create view external_system_use (external_system_id, used_by) as
        select m.external_system_id, 'the plan ' || p.name from plan_message m join plan p on p.id = m.plan_id where m.external_system_id is not null
        union all
        select s.id, 'the draft CM' || lpad(c.seq::text, greatest(6, length(c.seq::text)), '0')
        from draft d join communication c on c.id = d.communication_id
        join external_system s on d.input ->> 'externalSystemId' = 'xsy_' || replace(s.id::text, '-', '');
    `);
  }

  override down(): void {
    this.addSql(`
      drop view external_system_use;
      drop index api_key_subject;
      alter table external_system drop column enabled, drop column provisioning_provider, drop column usable_by_units,
        drop column max_attempts, drop column lease_seconds;
    `);
  }
}
