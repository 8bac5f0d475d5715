import { expect, test } from 'vitest';
import { upsertCrmRecords } from '../../src/audience/upsert/upsert.js';
import { transact } from '../../src/graphql/request.js';
import { openApp } from '../support/app.js';

const app = await openApp();

const upsert = `mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted updated unchanged } }`;

async function push(input: Record<string, unknown>) {
  const { upsertCrmRecords } = await app.call(upsert, { input });
  return upsertCrmRecords as { inserted: number; updated: number; unchanged: number };
}

async function contactOf(externalId: string) {
  const { contact } = await app.call(
    `query ($externalId: String!) { contact(externalId: $externalId) {
      id externalId name firstName lastName preferredLanguage timeZone directMarketing affiliateMarketing attributes
      emails { type address primary } phones { type number primary }
      accounts { totalCount nodes { externalId number name classification currency balance outstandingAmount attributes } }
      objects { totalCount nodes { type externalId number account fields } }
    } }`,
    { externalId },
  );
  return contact as Record<string, any>;
}

test('a contact is kept with all that the CRM says of it', async () => {
  expect(
    await push({
      contacts: [
        {
          externalId: 'full',
          name: 'Eleni Georgiou Ioannou',
          preferredLanguage: 'el-cy',
          timeZone: 'Europe/Nicosia',
          emails: [
            { type: 'WORK', address: 'eleni@example.com' },
            { address: 'eleni@example.org', primary: true },
          ],
          phones: [{ number: '+1 (202) 555-0143' }],
          directMarketing: false,
          attributes: { tier: 'gold', points: 12, nested: { a: [1] } },
        },
      ],
    }),
  ).toEqual({ inserted: 1, updated: 0, unchanged: 0 });
  expect(await contactOf('full')).toMatchObject({
    externalId: 'full',
    name: 'Eleni Georgiou Ioannou',
    firstName: 'Eleni',
    lastName: 'Georgiou Ioannou',
    preferredLanguage: 'el-CY',
    timeZone: 'Europe/Nicosia',
    directMarketing: false,
    affiliateMarketing: true,
    attributes: { tier: 'gold', points: 12, nested: { a: [1] } },
    emails: [
      { type: 'WORK', address: 'eleni@example.com', primary: false },
      { type: 'PRIMARY', address: 'eleni@example.org', primary: true },
    ],
    phones: [{ type: 'MOBILE', number: '+12025550143', primary: true }],
  });
  expect(await app.sql(`select email, phone from contact where external_id = 'full'`)).toEqual([
    { email: 'eleni@example.org', phone: '+12025550143' },
  ]);
});

test('records of one call may refer to each other in any order', async () => {
  expect(
    await push({
      objects: [{ type: 'bill', externalId: 'B1', account: 'A1', number: 'BL1', fields: { amount: '45.50', due_date: '2027-03-31' } }],
      accounts: [{ externalId: 'A1', contact: 'P1', currency: 'EUR', balance: '12.50', outstandingAmount: 3 }],
      contacts: [{ externalId: 'P1', name: 'Pat' }],
    }),
  ).toEqual({ inserted: 3, updated: 0, unchanged: 0 });
  const contact = await contactOf('P1');
  expect(contact['accounts']).toMatchObject({
    totalCount: 1,
    nodes: [{ externalId: 'A1', balance: '12.50', outstandingAmount: '3', currency: 'EUR' }],
  });
  expect(contact['objects']).toEqual({
    totalCount: 1,
    nodes: [{ type: 'bill', externalId: 'B1', number: 'BL1', account: 'A1', fields: { amount: '45.5', due_date: '2027-03-31' } }],
  });
});

test('what is there already may be referred to by a later call', async () => {
  await push({ contacts: [{ externalId: 'P2', name: 'Pia' }], accounts: [{ externalId: 'A2', contact: 'P2' }] });
  expect(await push({ objects: [{ type: 'wallet', externalId: 'W2', account: 'A2', fields: { balance: 5 } }] })).toEqual({
    inserted: 1,
    updated: 0,
    unchanged: 0,
  });
  expect((await contactOf('P2'))['objects'].nodes[0]).toMatchObject({ type: 'wallet', account: 'A2' });
});

test('a field left out keeps its value and null clears it', async () => {
  const before = {
    externalId: 'keep',
    name: 'Kim Keep',
    preferredLanguage: 'en',
    timeZone: 'Europe/London',
    emails: [{ address: 'kim@example.org' }],
    phones: [{ number: '+12025550101' }],
    directMarketing: false,
    attributes: { tier: 'gold', points: 1 },
  };
  await push({ contacts: [before] });
  expect(await push({ contacts: [{ externalId: 'keep' }] })).toEqual({ inserted: 0, updated: 0, unchanged: 1 });
  expect(await contactOf('keep')).toMatchObject({
    name: 'Kim Keep',
    preferredLanguage: 'en',
    timeZone: 'Europe/London',
    directMarketing: false,
  });

  await push({
    contacts: [
      { externalId: 'keep', preferredLanguage: null, emails: null, directMarketing: null, attributes: { points: null, since: 2020 } },
    ],
  });
  expect(await contactOf('keep')).toMatchObject({
    name: 'Kim Keep',
    preferredLanguage: null,
    timeZone: 'Europe/London',
    emails: [],
    phones: [{ number: '+12025550101' }],
    directMarketing: true,
    attributes: { tier: 'gold', since: 2020 },
  });
  expect(await app.sql(`select email, phone from contact where external_id = 'keep'`)).toEqual([{ email: null, phone: '+12025550101' }]);
  await push({ contacts: [{ externalId: 'keep', attributes: null }] });
  expect((await contactOf('keep'))['attributes']).toEqual({});
});

test("an account's and an object's fields keep their values too", async () => {
  await push({
    contacts: [{ externalId: 'P3', name: 'Pim' }],
    accounts: [{ externalId: 'A3', contact: 'P3', number: 'N3', balance: '10', classification: 'VIP', attributes: { a: 1 } }],
    objects: [
      {
        type: 'subscription',
        externalId: 'S3',
        account: 'A3',
        number: 'SB3',
        fields: { type: 'Fibre', state: 'ACTIVE', attributes: { x: 1 } },
      },
    ],
  });
  await push({
    accounts: [{ externalId: 'A3', balance: null, name: 'Home' }],
    objects: [{ type: 'subscription', externalId: 'S3', fields: { state: null, services: ['TV'], attributes: { y: 2 } } }],
  });
  const contact = await contactOf('P3');
  expect(contact['accounts'].nodes[0]).toEqual({
    externalId: 'A3',
    number: 'N3',
    name: 'Home',
    classification: 'VIP',
    currency: null,
    balance: null,
    outstandingAmount: null,
    attributes: { a: 1 },
  });
  expect(contact['objects'].nodes[0]).toMatchObject({
    number: 'SB3',
    account: 'A3',
    fields: { type: 'Fibre', services: ['TV'], attributes: { x: 1, y: 2 } },
  });
  await push({ objects: [{ type: 'subscription', externalId: 'S3', account: null, contact: 'P3', fields: null }] });
  expect((await contactOf('P3'))['objects'].nodes[0]).toMatchObject({ number: 'SB3', account: null, fields: {} });
});

test('the counts tell what changed, and what did not change is not touched', async () => {
  const records = {
    contacts: [
      { externalId: 'n1', name: 'One', emails: [{ address: 'one@example.org' }], attributes: { a: '1' } },
      { externalId: 'n2', name: 'Two' },
    ],
    accounts: [{ externalId: 'n1', contact: 'n1', balance: '1.0' }],
    objects: [{ type: 'bill', externalId: 'n1', contact: 'n1', fields: { amount: '1.00' } }],
  };
  expect(await push(records)).toEqual({ inserted: 4, updated: 0, unchanged: 0 });
  const stamps = async () => await app.sql(`select updated_at from contact where external_id in ('n1', 'n2') order by external_id`);
  const [first, second] = await stamps();
  expect(await push(records)).toEqual({ inserted: 0, updated: 0, unchanged: 4 });
  expect(await stamps()).toEqual([first, second]);
  expect(
    await push({
      contacts: [records.contacts[0], { externalId: 'n2', name: 'Zwei' }, { externalId: 'n3', name: 'Three' }],
      accounts: [{ externalId: 'n1', balance: '1' }],
    }),
  ).toEqual({ inserted: 1, updated: 1, unchanged: 2 });
  expect((await stamps())[0]).toEqual(first);
  expect((await stamps())[1]?.['updated_at']).not.toEqual(second?.['updated_at']);
});

test('a list of addresses is replaced as a whole, and counts as a change of its contact', async () => {
  const emails = (...list: [type: string, address: string, primary?: boolean][]) => ({
    contacts: [
      { externalId: 'mail', emails: list.map(([type, address, primary]) => ({ type, address, ...(primary ? { primary } : {}) })) },
    ],
  });
  await push({ contacts: [{ externalId: 'mail', name: 'Mail' }] });
  await push(emails(['A', 'a@example.org'], ['B', 'b@example.org']));
  expect((await contactOf('mail'))['emails'].map((each: any) => [each.type, each.primary])).toEqual([
    ['A', true],
    ['B', false],
  ]);
  const before = await app.sql(`select updated_at from contact where external_id = 'mail'`);
  // The primary address stays the same: only the list changes.
  expect(await push(emails(['A', 'a@example.org'], ['C', 'c@example.org']))).toMatchObject({ updated: 1 });
  expect(await app.sql(`select updated_at from contact where external_id = 'mail'`)).not.toEqual(before);
  expect(await push(emails(['A', 'a@example.org'], ['C', 'c@example.org']))).toMatchObject({ unchanged: 1 });
  expect(await push(emails(['A', 'a@example.org'], ['C', 'c@example.org', true]))).toMatchObject({ updated: 1 });
  expect(await app.sql(`select email from contact where external_id = 'mail'`)).toEqual([{ email: 'c@example.org' }]);
  expect(await push(emails())).toMatchObject({ updated: 1 });
  expect((await contactOf('mail'))['emails']).toEqual([]);
});

test('a new name gives the first and last name anew, unless the CRM gave them itself', async () => {
  await push({ contacts: [{ externalId: 'parts', name: 'Maria Petrou' }] });
  expect(await contactOf('parts')).toMatchObject({ firstName: 'Maria', lastName: 'Petrou' });
  await push({ contacts: [{ externalId: 'parts', firstName: 'Anna Maria' }] });
  await push({ contacts: [{ externalId: 'parts', name: 'Maria Petrou' }] });
  expect(await contactOf('parts')).toMatchObject({ firstName: 'Anna Maria', lastName: 'Petrou' });
  await push({ contacts: [{ externalId: 'parts', name: 'Cher' }] });
  expect(await contactOf('parts')).toMatchObject({ firstName: 'Cher', lastName: null });
});

test('the same key with the same input is not counted twice', async () => {
  const input = { idempotencyKey: 'once', contacts: [{ externalId: 'key', name: 'Key' }] };
  expect(await push(input)).toMatchObject({ inserted: 1 });
  expect(await push(input)).toMatchObject({ inserted: 1 });
});

test('a dry run keeps nothing', async () => {
  const { upsertCrmRecords } = await app.call(
    `mutation @dryRun { upsertCrmRecords(input: { contacts: [{ externalId: "dry", name: "Dry" }] }) { inserted } }`,
  );
  expect(upsertCrmRecords.inserted).toBe(1);
  expect(await contactOf('dry')).toBeNull();
});

test('an empty call is no error', async () => {
  expect(await push({})).toEqual({ inserted: 0, updated: 0, unchanged: 0 });
});

test('a thousand records of every kind are taken in one call', async () => {
  const contacts = Array.from({ length: 400 }, (_, i) => ({
    externalId: `many${i}`,
    name: `Many ${i}`,
    emails: [{ address: `m${i}@example.org` }],
  }));
  const accounts = contacts.map(({ externalId }) => ({ externalId, contact: externalId, balance: '1' }));
  const objects = contacts
    .slice(0, 200)
    .map(({ externalId }) => ({ type: 'wallet', externalId, account: externalId, fields: { balance: '2' } }));
  expect(await push({ contacts, accounts, objects })).toEqual({ inserted: 1000, updated: 0, unchanged: 0 });
  expect(await push({ contacts, accounts, objects })).toEqual({ inserted: 0, updated: 0, unchanged: 1000 });
});

test('a call takes the same number of statements however many records it has', async () => {
  const statements = async (count: number) => {
    const contacts = Array.from({ length: count }, (_, i) => ({
      externalId: `st${count}-${i}`,
      name: 'S',
      emails: [{ address: 's@example.org' }],
    }));
    const accounts = contacts.map(({ externalId }) => ({ externalId, contact: externalId }));
    const objects = contacts.map(({ externalId }) => ({ type: 'bill', externalId, account: externalId, fields: { amount: 1 } }));
    return await transact(app.context(), async (ctx) => {
      let counted = 0;
      const transaction = ctx.em.getTransactionContext<any>();
      const counting = {
        executeQuery(query: { sql?: string }) {
          // Settings are read once in a while, whatever a call brings.
          if (!query.sql?.includes('from setting')) counted += 1;
          return transaction.executeQuery(query);
        },
      };
      const em: any = { getConnection: () => ctx.em.getConnection(), getTransactionContext: () => counting };
      await upsertCrmRecords({ em }, { contacts, accounts, objects });
      await upsertCrmRecords({ em }, { contacts: contacts.map((each) => ({ ...each, name: 'T' })), accounts, objects });
      return counted;
    });
  };
  expect(await statements(300)).toBe(await statements(3));
});

test('only an administrator pushes records', async () => {
  for (const role of ['AGENT', 'EXTERNAL_SYSTEM', 'CONTACT'] as const) {
    const { errors } = await app.ask(upsert, { input: { contacts: [] } }, role);
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  }
});

test('two calls with the same records at the same time both succeed, whatever their order', async () => {
  const contacts = Array.from({ length: 60 }, (_, i) => ({
    externalId: `race${i}`,
    name: `Race ${i}`,
    emails: [{ address: `r${i}@example.org` }],
  }));
  const accounts = contacts.map(({ externalId }) => ({ externalId, contact: externalId, balance: '1' }));
  for (let round = 0; round < 5; round++) {
    const calls = Array.from({ length: 6 }, async (_, call) => {
      const mine = contacts.map((each) => ({
        ...each,
        name: `${each.name} ${round} ${call}`,
        emails: [{ type: `T${call}`, address: `r${call}@example.org` }],
      }));
      // Some calls know fewer of them: rows that one inserts another updates.
      const part = mine.slice(0, 10 * (round + 1) + call).toSorted(() => (call % 2 ? 1 : -1));
      const known = new Set(part.map((each) => each.externalId));
      return await push({ contacts: part, accounts: accounts.filter((each) => known.has(each.contact)) });
    });
    await Promise.all(calls);
  }
  const [counted] = await app.sql(`
    select count(*)::integer as contacts, (select count(*)::integer from contact_point p join contact c on c.id = p.contact_id where c.external_id like 'race%') as points
    from contact where external_id like 'race%'`);
  // One list of one address each: no list is a mixture of two calls.
  expect(counted?.['points']).toBe(counted?.['contacts']);
});
