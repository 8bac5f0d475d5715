import type { Caller, TestApp } from './app.js';
import { buildContact, buildContent } from './build.js';

/** An external system made through the API; `as` is its token. */
export interface System {
  id: string;
  /** The row's own id. */
  row: string;
  code: string;
  as: ['EXTERNAL_SYSTEM', string];
}

let made = 0;

export async function makeSystem(app: TestApp, input: Record<string, unknown> = {}): Promise<System> {
  made += 1;
  const { createExternalSystem } = await app.call(
    'mutation ($input: CreateExternalSystemInput!) { createExternalSystem(input: $input) { externalSystem { id code } } }',
    { input: { name: `System ${made}`, media: ['DEVICE'], ...input } },
  );
  const { id, code } = createExternalSystem.externalSystem;
  return { id, row: rowId(id), code, as: ['EXTERNAL_SYSTEM', code] };
}

/** Contacts made through the API. */
export async function makeContacts(app: TestApp, ...externalIds: string[]): Promise<void> {
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
    input: {
      contacts: externalIds.map((externalId) => ({
        externalId,
        name: `Contact ${externalId}`,
        emails: [{ address: `${externalId}@example.org` }],
        phones: [{ number: '+35799123456' }],
      })),
    },
  });
}

/** A communication through the API; answers what was asked of it. */
export async function write(app: TestApp, input: Record<string, unknown>, ask = 'id state rejection { code message }'): Promise<any> {
  const { createCommunication } = await app.call(
    `mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { ${ask} } } }`,
    { input: { medium: 'DEVICE', body: 'Hello', ...input } },
  );
  return createCommunication.communication;
}

/** Many waiting entries of a system at once, by SQL: for tests of what becomes of them. Oldest first. */
export async function fill(
  app: TestApp,
  system: System,
  count: number,
  { expiresAt = null as Date | null, priority = 5 } = {},
): Promise<string[]> {
  const contact = await buildContact(app);
  const content = await buildContent(app, { body: 'Hello' }, { medium: 'DEVICE' });
  const rows = await app.sql<{ id: string }>(
    `with made as (
       insert into communication (contact_id, medium, origin, state, content_id, language, external_system_id, expires_at)
       select $1, 'DEVICE', 'MANUAL', 'PENDING', $2, 'en', $3, $5::timestamptz from generate_series(1, $4::int) returning id, seq, expires_at
     ), queued as (
       insert into queue_entry (id, seq, external_system_id, medium, expires_at, priority) select id, seq, $3, 'DEVICE', expires_at, $6 from made
     ), timed as (
       insert into entry_expiry (communication_id, expires_at) select id, expires_at from made where expires_at is not null
     )
     select id from made order by seq`,
    [contact.id, content.id, system.row, count, expiresAt, priority],
  );
  return rows.map((each) => `com_${each.id.replaceAll('-', '')}`);
}

export interface Leased {
  id: string;
  lease: { token: string; expiresAt: string; attempt: number };
}

export async function lease(app: TestApp, as: Caller, input: Record<string, unknown> = {}): Promise<Leased[]> {
  const { leaseQueueEntries } = await app.call(
    'mutation ($input: LeaseQueueEntriesInput!) { leaseQueueEntries(input: $input) { entries { id lease { token expiresAt attempt } } } }',
    { input },
    as,
  );
  return leaseQueueEntries.entries;
}

const moves = { complete: 'CompleteQueueEntries', reject: 'RejectQueueEntries', remove: 'RemoveQueueEntries' } as const;

/** Settles entries; answers the code of each error, or the state of the entry. */
export async function settle(
  app: TestApp,
  as: Caller,
  verb: keyof typeof moves,
  entries: readonly { id: string; leaseToken?: string | null; reason?: string }[],
): Promise<string[]> {
  const { results } = (
    await app.call(
      `mutation ($input: ${moves[verb]}Input!) { out: ${verb}QueueEntries(input: $input) { results { entry { state } error { code } } } }`,
      { input: { entries } },
      as,
    )
  ).out;
  return results.map((each: { entry: { state: string } | null; error: { code: string } | null }) => each.error?.code ?? each.entry?.state);
}

export async function stateOf(app: TestApp, publicId: string): Promise<{ state: string; code: string | null }> {
  const { communication } = await app.call('query ($id: ID!) { communication(id: $id) { state rejection { code } } }', { id: publicId });
  return { state: communication.state, code: communication.rejection?.code ?? null };
}

export function rowId(publicId: string): string {
  return publicId.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
