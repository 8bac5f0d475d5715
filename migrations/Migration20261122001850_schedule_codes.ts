import { Migration } from '@mikro-orm/migrations';

/** What people call a schedule beside its name (R10). */
export class Migration20261122001850_schedule_codes extends Migration {
  override up(): void {
    this.addSql(`
      alter table schedule add column code text, add column description text;
      create unique index schedule_code on schedule (code);
    `);
  }

  override down(): void {
    this.addSql('alter table schedule drop column code, drop column description;');
  }
}
