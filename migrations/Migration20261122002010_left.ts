import { Migration } from '@mikro-orm/migrations';

/** What has left the inboxes without a change of state says so itself. */
export class Migration20261122002010_left extends Migration {
  override up(): void {
    this.addSql(`
      -- Since when a COMPLETED entry has been announced as gone: its time had passed, or it was retracted. Whoever locks the row reads it as it
      -- is then; that its row of entry_expiry is gone, a statement that waited for the lock cannot see.
      alter table communication add column left_at timestamptz;
      update communication c set left_at = clock_timestamp()
      where c.state = 'COMPLETED' and c.external_system_id is not null and c.expires_at is not null
        and not exists (select from entry_expiry e where e.communication_id = c.id);
    `);
  }

  override down(): void {
    this.addSql('alter table communication drop column left_at;');
  }
}
