import { Migration } from '@mikro-orm/migrations';

/** Notification types use external systems, too: whoever deletes one is told so. */
export class Migration20261122001830_system_users extends Migration {
  override up(): void {
    this.addSql(`
      alter view external_system_use rename to external_system_use_without_notifications;
      create view external_system_use (external_system_id, used_by) as
        select external_system_id, used_by from external_system_use_without_notifications
        union all
        select external_system_id, 'the notification type ' || name from notification_type where external_system_id is not null;
    `);
  }

  override down(): void {
    this.addSql(`
      drop view external_system_use;
      alter view external_system_use_without_notifications rename to external_system_use;
    `);
  }
}
