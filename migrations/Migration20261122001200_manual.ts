import { Migration } from '@mikro-orm/migrations';

/** What people do by hand: who wrote it, notes, attachments, retries, and a search that needs no full scan. */
export class Migration20261122001200_manual extends Migration {
  override up(): void {
    this.addSql(`
      alter table template add column direction text not null default 'OUTGOING' check (direction in ('INCOMING', 'OUTGOING'));

      -- Which contents were whose: what was written with a template is found by them, and a run's rows need no column for it.
      create table template_version (
        content_id uuid primary key references content (id),
        template_id uuid not null references template (id) on delete cascade,
        version integer not null,
        created_at timestamptz not null default clock_timestamp()
      );
      create index template_version_template on template_version (template_id);
      insert into template_version (content_id, template_id, version)
        select distinct on (content_id) content_id, id, version from template order by content_id, id;

      -- The words of all languages, folded by the program that writes them (see src/content/search.ts).
      alter table content add column search tsvector;
      update content set search = jsonb_to_tsvector('simple', sources, '["string"]');
      create index content_search on content using gin (search);

      alter table communication
        -- The subject of the token that wrote it; null for what a cause made.
        add column created_by text,
        add column retry_of uuid,
        -- The run whose preferences hold for it although it is not counted there: of a retry.
        add column consent_run_id uuid;
      create index communication_content on communication (content_id, seq);
      -- Runs write to addresses of their contacts, which are found by the contact: only what was addressed otherwise is indexed.
      create index communication_address on communication (lower(address) text_pattern_ops, seq) where run_id is null and address is not null;
      create index communication_created_by on communication (created_by, seq) where created_by is not null;
      create index communication_follow_up on communication (follow_up_of, seq) where follow_up_of is not null;
      -- Retried once: what was rejected again is retried itself.
      create unique index communication_retry on communication (retry_of) where retry_of is not null;
      create index contact_point_address on contact_point (lower(address) text_pattern_ops);

      create table note (
        id uuid primary key default new_id(),
        seq bigint generated always as identity unique,
        communication_id uuid not null references communication (id) on delete cascade,
        author text not null,
        body text not null,
        created_at timestamptz not null default clock_timestamp()
      );
      create index note_communication on note (communication_id, seq);

      -- Its bytes are with the driver, under its id. \`stored_at\` is null while they are on their way in or out.
      create table attachment (
        id uuid primary key default new_id(),
        name text not null,
        type text not null,
        size integer not null,
        sha256 text not null,
        uploaded_by text not null,
        created_at timestamptz not null default clock_timestamp(),
        stored_at timestamptz
      );
      create index attachment_created on attachment (created_at);
      create table communication_attachment (
        communication_id uuid not null references communication (id) on delete cascade,
        attachment_id uuid not null references attachment (id),
        place smallint not null,
        primary key (communication_id, attachment_id)
      );
      create index communication_attachment_used on communication_attachment (attachment_id);
    `);
  }

  override down(): void {
    this.addSql(`
      drop table communication_attachment, attachment, note;
      drop index contact_point_address, communication_retry, communication_follow_up, communication_created_by,
        communication_address, communication_content;
      alter table communication drop column consent_run_id, drop column retry_of, drop column created_by;
      alter table content drop column search;
      drop table template_version;
      alter table template drop column direction;
    `);
  }
}
