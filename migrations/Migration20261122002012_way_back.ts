import { Migration } from '@mikro-orm/migrations';

/** What was said of deleted systems could not be taken back where there were some. */
export class Migration20261122002012_way_back extends Migration {
  override up(): void {
    this.addSql(`
      alter table external_system drop constraint if exists external_system_check, drop constraint if exists external_system_deleted,
        add constraint external_system_deleted check ((deleted_at is null) = (former_code is null));
    `);
  }

  override down(): void {
    // With the constraint of before, the migration before could not be taken back.
  }
}
