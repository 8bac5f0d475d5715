import { afterEach, expect, test } from 'vitest';
import { leaseEngineEntries } from '../../src/queue/lease.js';
import { openApp } from '../support/app.js';
import { buildContact, buildContent, buildEntry } from '../support/build.js';

const app = await openApp({ env: { ROLE: 'api' } });
const contact = await buildContact(app);
const email = await buildContent(app);
const device = await buildContent(app, { body: 'Hello' }, { medium: 'DEVICE' });
const { createExternalSystem } = await app.call(
  'mutation { createExternalSystem(input: { name: "Portal", code: "portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
);
const systemId = createExternalSystem.externalSystem.id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

afterEach(async () => void (await app.sql('truncate communication, queue_entry cascade')));

const campaign = 7;
/** What people write, and what events cause. */
const urgent = [3, 2];

async function fill(priorities: number[], toSystem: boolean): Promise<void> {
  for (const priority of priorities) {
    await buildEntry(app, {
      contact,
      content: toSystem ? device : email,
      communication: { external_system_id: toSystem ? systemId : null },
      entry: { priority },
    });
  }
}

/** Leases one after the other, of both kinds of queue; answers the priorities in the order of the leases. */
const claims = {
  engine: async (limit: number) =>
    (await leaseEngineEntries(app.context(), { media: ['EMAIL'], limit, leaseSeconds: 60, holder: 'test' })).map((each) => each.priority),
  'external system': async (limit: number) => {
    const { leaseQueueEntries } = await app.call(
      'mutation ($limit: Int!) { leaseQueueEntries(input: { limit: $limit }) { entries { id } } }',
      { limit },
      ['EXTERNAL_SYSTEM', 'portal'],
    );
    const ids = leaseQueueEntries.entries.map((each: { id: string }) => each.id.slice(4));
    const found = await app.sql<{ priority: number }>(
      `select priority from queue_entry where replace(id::text, '-', '') = any($1) order by priority, seq`,
      [ids],
    );
    return found.map((each) => each.priority);
  },
};

test.each(['engine', 'external system'] as const)(
  'E8x in the queue of the %s what people and events cause overtakes campaigns',
  async (queue) => {
    await fill([campaign, campaign, campaign, ...urgent, campaign], queue !== 'engine');
    expect(await claims[queue](3)).toEqual([2, 3, campaign]);
    expect(await claims[queue](10)).toEqual([campaign, campaign, campaign]);
  },
);

test.each(['engine', 'external system'] as const)(
  'E8x in the queue of the %s a campaign does not starve behind urgent entries',
  async (queue) => {
    await fill([...Array(4).fill(campaign), ...Array(30).fill(3)], queue !== 'engine');
    const leased: number[] = [];
    // However many are urgent, every eighth claim begins with the campaign, also one entry at a time.
    for (let n = 0; n < 24; n++) leased.push(...(await claims[queue](1)));
    expect(leased.map((each) => (each === campaign ? 'c' : 'u')).join('')).toBe('uuuuuuuc'.repeat(3));
    expect(await claims[queue](20)).toEqual([...Array(9).fill(3), campaign]);
  },
);
