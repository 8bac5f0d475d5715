import { Migration } from '@mikro-orm/migrations';

/** What the links of communications share, and what readers did by following dynamic ones. */
export class Migration20261122001400_links extends Migration {
  override up(): void {
    this.addSql(`
      -- Never updated: LinkFrame of src/content/links. The id is a hash of it, so those that share it need not look for it.
      create table link_frame (
        id uuid primary key,
        frame jsonb not null,
        created_at timestamptz not null default clock_timestamp()
      );
      -- Null: it has no links, or they are as they stand in its content.
      alter table communication add column link_frame_id uuid;

      -- Append-only: the evidence of what a reader confirmed, also where nothing changed by it.
      create table dynamic_link_use (
        id uuid primary key default new_id(),
        contact_id uuid not null references contact (id) on delete cascade,
        -- No foreign key: the link works longer than its communication is kept.
        communication_id uuid not null,
        object_id uuid,
        action text not null,
        changed boolean not null,
        via text not null check (via in ('PAGE', 'API')),
        caller text,
        remote_address text,
        user_agent text,
        at timestamptz not null default clock_timestamp()
      );
      create index dynamic_link_use_contact on dynamic_link_use (contact_id, id);
    `);
  }

  override down(): void {
    this.addSql(`
      drop table dynamic_link_use;
      alter table communication drop column link_frame_id;
      drop table link_frame;
    `);
  }
}
