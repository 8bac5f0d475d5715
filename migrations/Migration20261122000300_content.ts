import { Migration } from '@mikro-orm/migrations';

/** Immutable content versions, and the templates that name them. */
export class Migration20261122000300_content extends Migration {
  override up(): void {
    this.addSql(`
      -- Never updated: a communication shows the same text for ever (AMB-3). \`texts\` holds, for each language, subject, body
      -- and plain text as parsed segments, with the language's formats; \`tags\` lists the paths whose frozen values a
      -- communication carries, in that order, and \`kinds\` how each is shown. \`sources\` is what was written, for editing.
      create table content (
        id uuid primary key default new_id(),
        medium text not null,
        object_type text,
        default_language text not null,
        languages text[] not null,
        tags text[] not null,
        kinds text[] not null,
        texts jsonb not null,
        sources jsonb not null,
        created_at timestamptz not null default clock_timestamp()
      );

      create table template (
        id uuid primary key default new_id(),
        name text not null unique,
        code text not null unique,
        description text,
        medium text not null,
        object_type text,
        version integer not null default 1,
        effective boolean not null default true,
        content_id uuid not null references content (id),
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp()
      );
    `);
  }

  override down(): void {
    this.addSql('drop table template, content;');
  }
}
