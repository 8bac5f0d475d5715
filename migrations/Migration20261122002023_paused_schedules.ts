import { Migration } from '@mikro-orm/migrations';

/** A schedule that somebody has paused is told apart from one that has come to its end. */
export class Migration20261122002023_paused_schedules extends Migration {
  override up(): void {
    this.addSql('alter table schedule add column paused boolean not null default false;');
  }

  override down(): void {
    this.addSql('alter table schedule drop column paused;');
  }
}
