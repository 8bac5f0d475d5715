import { Migration } from '@mikro-orm/migrations';

/** Drafts say which version of them somebody has seen. */
export class Migration20261122002020_causes_again extends Migration {
  override up(): void {
    this.addSql(`
      -- One more with each change: who changes or discards one can say which it has seen.
      alter table draft add column version integer not null default 1;
    `);
  }

  override down(): void {
    this.addSql('alter table draft drop column version;');
  }
}
