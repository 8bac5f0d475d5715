import { expect, test } from 'vitest';
import { eventually, openApp, type TestApp } from '../support/app.js';
import { makeContacts, makeSystem, rowId, type System } from '../support/queue.js';
import { dial, type RawSocket } from '../support/raw-socket.js';

/** More by hand: `INBOX_STEPS=3000`. */
const steps = Number(process.env['INBOX_STEPS'] ?? 250);

const one = await openApp({ env: { SECRET_KEY: 'a secret of the traffic tests, long enough' } });
const two = await openApp({ env: { SECRET_KEY: 'a secret of the traffic tests, long enough', DATABASE_URL: one.databaseUrl } });
const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

interface Entry {
  id: string;
  state: string;
  viewedAt: string | null;
}

/** A device as the documents tell it to be: it keeps entries, counts and a cursor, and complains of what must not happen. */
class Device {
  readonly entries = new Map<string, Entry>();
  readonly complaints: string[] = [];
  counts = { pendingCount: 0, unviewedCount: 0 };
  synced = false;
  cursor: string | undefined;
  line: RawSocket | undefined;
  /** Events until it is cut; undefined: it stays. */
  patience: number | undefined;

  constructor(
    readonly contact: string,
    readonly systems: readonly string[] | null,
  ) {}

  async connect(app: TestApp): Promise<void> {
    this.synced = false;
    const line = await dial(app, `Bearer ${await one.token('CONTACT', this.contact)}`);
    this.line = line;
    line.socket.on('message', (data) => {
      if (this.line === line) this.hear(JSON.parse(String(data)));
    });
    const query = `subscription ($after: String, $systems: [ID!]) { inboxChanged(after: $after, externalSystemIds: $systems) {
      kind cursor entryId entry { id state viewedAt } pendingCount unviewedCount } }`;
    line.send({ id: '1', type: 'subscribe', payload: { query, variables: { after: this.cursor, systems: this.systems } } });
  }

  private hear({ type, payload }: { type: string; payload?: any }): void {
    if (type === 'error') this.complaints.push(JSON.stringify(payload));
    if (type !== 'next') return;
    const { kind, cursor, entryId, entry, ...counts } = payload.data.inboxChanged;
    const known = this.entries.has(entryId);
    if (kind === 'ADDED' && known) this.complaints.push(`${entryId} came twice`);
    if (kind === 'CHANGED' && !known) this.complaints.push(`${entryId} changed and was not there`);
    if (kind === 'REMOVED' && !known) this.complaints.push(`${entryId} was taken away and was not there`);
    if (kind === 'RESYNC') this.complaints.push('RESYNC');
    if (kind === 'CHANGED' && JSON.stringify(this.entries.get(entryId)) === JSON.stringify(entry))
      this.complaints.push(`${entryId} is as it was`);
    if (kind === 'REMOVED') this.entries.delete(entryId);
    else if (entry) this.entries.set(entryId, entry);
    if (kind === 'SYNCED') this.synced = true;
    this.counts = counts;
    this.cursor = cursor;
    if (this.patience !== undefined && --this.patience <= 0) this.cut();
  }

  cut(): void {
    const { line } = this;
    this.line = undefined;
    line?.socket.terminate();
  }
}

test('XU1 XU9 after any traffic every device has what the database has: entries, states and counts, nothing twice and nothing missed', {
  timeout: 60_000 + steps * 200,
}, async () => {
  await makeContacts(one, 'anna', 'berta');
  const systems = [
    await makeSystem(one, { name: 'App', contactInbox: true }),
    await makeSystem(one, { name: 'Portal', contactInbox: true }),
    await makeSystem(one, { name: 'Gateway' }),
  ] as [System, System, System];
  const [app, portal] = systems;
  const devices = ['anna', 'berta'].flatMap((contact) => [
    new Device(contact, null),
    new Device(contact, null),
    new Device(contact, [app.id]),
    new Device(contact, [portal.id, app.id]),
  ]);
  for (const device of devices) await device.connect(pick([one, two]));

  const made: { id: string; contact: string; system: System }[] = [];
  const some = () => pick(made.slice(-12));
  const settling = async (verb: 'complete' | 'remove', ids: string[], as: ['CONTACT' | 'EXTERNAL_SYSTEM', string], at: TestApp) =>
    await at.ask(
      `mutation ($entries: [SettleEntryInput!]!) { ${verb}QueueEntries(input: { entries: $entries }) { results { error { code } } } }`,
      { entries: ids.map((id) => ({ id })) },
      as,
    );
  const actions = {
    async write() {
      const [contact, system] = [pick(['anna', 'berta']), pick([...systems, app, portal])];
      // So long that nothing ends between two looks of a device's own; so short that the sweep has work.
      const expiresAt = Math.random() < 0.3 ? new Date(Date.now() + 300 + Math.random() * 2_000).toISOString() : null;
      const { createCommunication } = await pick([one, two]).call(
        'mutation ($input: CreateCommunicationInput!) { createCommunication(input: $input) { communication { id } } }',
        { input: { contactExternalId: contact, medium: 'DEVICE', body: 'x', externalSystemId: system.id, expiresAt } },
      );
      made.push({ id: createCommunication.communication.id, contact, system });
    },
    async complete() {
      const { id, system } = some();
      await settling('complete', [id, id], ['EXTERNAL_SYSTEM', system.code], pick([one, two]));
    },
    async removeOnTwoDevices() {
      const { id, contact } = some();
      await Promise.all([one, two].map(async (each) => await settling('remove', [id], ['CONTACT', contact], each)));
    },
    async removeByPortal() {
      const { id, system } = some();
      await settling('remove', [id], ['EXTERNAL_SYSTEM', system.code], one);
    },
    async view() {
      const { id, contact } = some();
      const text = 'mutation ($id: ID!) { viewQueueEntries(input: { ids: [$id] }) { results { id } } }';
      await Promise.all([one, two].map(async (each) => await each.ask(text, { id }, ['CONTACT', contact])));
    },
    async viewAll() {
      await one.ask('mutation { viewAllQueueEntries(input: {}) { __typename } }', {}, ['CONTACT', pick(['anna', 'berta'])]);
    },
    async cancel() {
      const { id } = some();
      await two.ask('mutation ($id: ID!) { cancelCommunication(input: { communicationId: $id }) { communication { id } } }', { id });
    },
    async reconnect() {
      const device = pick(devices);
      device.cut();
      device.patience = Math.random() < 0.5 ? 1 + Math.floor(Math.random() * 6) : undefined;
      await device.connect(pick([one, two]));
    },
  };
  for (let n = 0; n < 6; n++) await actions.write();
  const names = [
    'write',
    'write',
    'write',
    'complete',
    'complete',
    'removeOnTwoDevices',
    'removeByPortal',
    'view',
    'viewAll',
    'cancel',
    'reconnect',
    'reconnect',
  ] as const;
  for (let n = 0; n < steps; n += 4) await Promise.all(Array.from({ length: 4 }, () => actions[pick(names)]()));

  await eventually(async () => (await one.sql('select from entry_expiry')).length === 0, { withinMs: 20_000 });
  for (const device of devices) {
    device.patience = undefined;
    if (!device.line) await device.connect(pick([one, two]));
  }
  const truth = async ({ contact, systems: of }: Device) =>
    await one.sql<{ id: string; state: string; viewed: boolean }>(
      `select c.id, c.state, c.viewed_at is not null as viewed from communication c join external_system s on s.id = c.external_system_id
       join contact k on k.id = c.contact_id where k.external_id = $1 and c.state in ('PENDING', 'COMPLETED')
       and (c.expires_at is null or c.expires_at > clock_timestamp()) and case when $2::uuid[] is null then s.contact_inbox else s.id = any($2) end
       order by c.id`,
      [contact, of?.map(rowId) ?? null],
    );
  for (const device of devices) {
    const rows = await truth(device);
    const wanted = {
      entries: rows.map((row) => [row.id, row.state, row.viewed]),
      counts: {
        pendingCount: rows.filter((row) => row.state === 'PENDING').length,
        unviewedCount: rows.filter((row) => !row.viewed).length,
      },
    };
    const has = () => ({
      entries: [...device.entries.values()]
        .map((each) => [rowId(each.id), each.state, each.viewedAt !== null])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      counts: device.counts,
    });
    await eventually(() => device.synced && JSON.stringify(has()) === JSON.stringify(wanted), { withinMs: 5_000 }).catch(() => undefined);
    expect(has()).toEqual(wanted);
    expect(device.complaints).toEqual([]);
  }
  for (const device of devices) device.cut();
});
