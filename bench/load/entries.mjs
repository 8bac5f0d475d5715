// Contacts with an inbox, and a writer of entries for them that does what a process of the product does, in one statement.
import pg from 'pg';
import { startProduct } from '../lib.mjs';

/** Makes so many contacts and answers them with tokens, and a system that never has an entry. The product migrates the database, and is stopped again. */
export async function prepareInboxes(env, contacts) {
  const database = new pg.Pool({ connectionString: env.DATABASE_URL, max: 8 });
  const product = await startProduct({ env, keep: true });
  await product.call(
    `mutation { createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }`,
  );
  const { createExternalSystem } = await product.call(
    `mutation { createExternalSystem(input: { name: "Silent", code: "silent", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }`,
  );
  await product.call(
    `mutation { createTemplate(input: { name: "T", medium: DEVICE, content: [{ language: "en", body: "Dear #contact.name , ${'hello '.repeat(55)}" }] }) { template { id } } }`,
  );
  await database.query(`insert into contact (external_id, name) select 'B' || n, 'Anna' from generate_series(1, $1::int) n`, [contacts]);
  const people = [];
  for (let n = 1; n <= contacts; n++) people.push({ contact: `B${n}`, token: await product.ask('token', 'CONTACT', `B${n}`) });
  await product.stop();
  return { database, people, silent: createExternalSystem.externalSystem.id };
}

/** Writes entries for the first `contacts` of them, one after the other. */
export function openWriter(database, contacts) {
  let turn = 0;
  let ringing;

  /** After the commit, coalesced. */
  async function ring() {
    await database.query(`select pg_notify('carillon_bell', 'changes')`);
    ringing = undefined;
  }

  /** So many entries, so many in a transaction; answers their ids. */
  async function write(count, each) {
    const ids = [];
    for (let n = 0; n < count; n += each) {
      const { rows } = await database.query({
        name: 'write',
        text: `with made as (
            insert into communication (contact_id, medium, origin, state, content_id, language, external_system_id, tag_values)
            select k.id, 'DEVICE', 'BENCH', 'PENDING', (select content_id from template limit 1), 'en', (select id from external_system where code = 'portal'), '["Anna"]'
            from generate_series($1::int, $1::int + $2::int - 1) n join contact k on k.external_id = 'B' || (1 + n % $3::int) returning id, seq, contact_id, external_system_id
          ), queued as (
            insert into queue_entry (id, seq, medium, external_system_id) select id, seq, 'DEVICE', external_system_id from made
          ) insert into change_outbox (kind, contact_id, external_system_id, communication_id, data)
            select 'entry.created', contact_id, external_system_id, id, '{"state":"PENDING"}' from made returning communication_id as id`,
        values: [turn, each, contacts],
      });
      turn += each;
      for (const { id } of rows) ids.push(id);
      ringing ??= ring();
    }
    return ids;
  }

  return {
    write,
    /** One in a transaction, so many a second; answers when each was committed, by its public id. */
    async paced(perSecond, seconds) {
      const committed = new Map();
      const begin = performance.now();
      const writes = [];
      for (let n = 0; n < perSecond * seconds; n++) {
        const wait = begin + (n * 1_000) / perSecond - performance.now();
        if (wait > 0) await new Promise((done) => setTimeout(done, wait));
        writes.push(write(1, 1).then(([id]) => committed.set(`com_${id.replaceAll('-', '')}`, performance.timeOrigin + performance.now())));
      }
      await Promise.all(writes);
      return committed;
    },
    /** One in a transaction, by eight clients, as fast as they go: so many a second. */
    async rate(count) {
      const from = performance.now();
      let left = count;
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          while (left-- > 0) await write(1, 1);
        }),
      );
      return count / ((performance.now() - from) / 1_000);
    },
  };
}
