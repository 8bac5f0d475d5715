import { Migration } from '@mikro-orm/migrations';

/** What was tried again of a run is found by the run, to be taken back with it. */
export class Migration20261122002024_retracted_retries extends Migration {
  override up(): void {
    this.addSql('create index communication_consent_run on communication (consent_run_id) where consent_run_id is not null;');
  }

  override down(): void {
    this.addSql('drop index communication_consent_run;');
  }
}
