import { Migration } from '@mikro-orm/migrations';

/** A plan's messages can be switched off one by one. */
export class Migration20261122001310_plan_messages extends Migration {
  override up(): void {
    this.addSql('alter table plan_message add column enabled boolean not null default true;');
  }

  override down(): void {
    this.addSql('alter table plan_message drop column enabled;');
  }
}
