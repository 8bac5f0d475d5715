import { Migration } from '@mikro-orm/migrations';

/** Declared fields of contacts and accounts. */
export class Migration20261122001600_words2 extends Migration {
  override up(): void {
    this.addSql(`
      -- As business_object.fields: what the catalogue declares, typed. What nobody declared stays in attributes.
      alter table contact add column fields jsonb not null default '{}';
      alter table account add column fields jsonb not null default '{}';
    `);
  }

  override down(): void {
    this.addSql(`
      alter table contact drop column fields;
      alter table account drop column fields;
      delete from declared_field where object_type in ('contact', 'account');
      update catalogue_revision set revision = new_id();
    `);
  }
}
