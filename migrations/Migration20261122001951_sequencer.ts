import { Migration } from '@mikro-orm/migrations';

/** The sequencer by keys. */
export class Migration20261122001951_sequencer extends Migration {
  override up(): void {
    this.addSql(sequencer('id = any(array(select id from change_outbox order by id limit most))'));
  }

  override down(): void {
    this.addSql(sequencer('id in (select id from change_outbox order by id limit most)'));
  }
}

/**
 * As it was (see the first migration), but for how the rows are found: joined with themselves, they were found by reading all of the outbox, with the
 * dead rows of what has left it, by a plan that each connection kept from when the outbox was empty.
 */
function sequencer(taken: string): string {
  return `
    create or replace function sequence_changes(most integer) returns bigint language plpgsql as $$
    declare
      base bigint;
      moved bigint;
    begin
      select position into base from change_log for update skip locked;
      if not found then return -1; end if;
      with taken as (
        delete from change_outbox where ${taken} returning *
      ), placed as (
        insert into change (position, kind, contact_id, external_system_id, communication_id, run_id, data, at)
        select base + row_number() over (order by id), kind, contact_id, external_system_id, communication_id, run_id, data, at
        from taken
        returning 1
      )
      select count(*) into moved from placed;
      if moved > 0 then update change_log set position = base + moved; end if;
      return moved;
    end $$;
  `;
}
