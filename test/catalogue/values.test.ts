import { expect, test } from 'vitest';
import { pushTo } from '../../src/catalogue/field-sql.js';
import { type TagNames, tagValuesSql, zoneOffsetSql } from '../../src/catalogue/values.js';
import { languageFor, languageSql } from '../../src/content/language.js';
import { openApp } from '../support/app.js';

const app = await openApp();

await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', {
  input: {
    contacts: [
      { externalId: 'C1', name: 'One', timeZone: 'Asia/Kolkata', attributes: { Tier: 'gold', empty: null, list: [1, 2] } },
      { externalId: 'C2', name: 'Two', preferredLanguage: 'el-CY' },
      { externalId: 'C3', name: 'Three' },
    ],
    accounts: [
      { externalId: 'A1', contact: 'C1', number: 'N1', currency: 'EUR', balance: '10.50' },
      { externalId: 'A2', contact: 'C1', number: 'N2', currency: 'USD' },
      { externalId: 'A3', contact: 'C2', number: 'N3' },
    ],
    objects: [
      { type: 'wallet', externalId: 'W0', contact: 'C1', fields: { balance: 1 } },
      { type: 'wallet', externalId: 'W1', contact: 'C1', account: 'A1', fields: { balance: '2.50' } },
      { type: 'wallet', externalId: 'W3', contact: 'C2', fields: { balance: 3 } },
      { type: 'rewards_participant', externalId: 'R1', contact: 'C1', number: 'RP1' },
      { type: 'rewards_participant', externalId: 'R2', contact: 'C1', number: 'RP2' },
      {
        type: 'award_reward_transaction',
        externalId: 'T1',
        contact: 'C1',
        account: 'A2',
        fields: { rewards_participant: 'R2', amount: '5' },
      },
      { type: 'rewards_participant', externalId: 'R3', contact: 'C2', number: 'RP3' },
      { type: 'award_reward_transaction', externalId: 'T3', contact: 'C2', fields: { amount: '5' } },
      { type: 'payment', externalId: 'P1', contact: 'C2', number: 'PY1', fields: { amount: '7' } },
    ],
  },
});

async function values(tags: string[], more: Partial<TagNames> = {}, joinMore = ''): Promise<Record<string, unknown[]>> {
  const parameters: unknown[] = [];
  const push = pushTo(parameters);
  const { joins, expression } = tagValuesSql(tags, { contact: 'c', timeZone: 'Europe/Nicosia', parameters: push, ...more });
  const found = await app.sql(`select c.external_id, ${expression} as values from contact c ${joinMore} ${joins} order by 1`, parameters);
  return Object.fromEntries(found.map((row) => [row['external_id'], row['values']]));
}

test('AMB-3 a value is frozen as it is kept, money with its currency, and null where there is none', async () => {
  expect(
    await values([
      'contact.name',
      'account.balance',
      'account.number',
      'contact.attributes.tier',
      'contact.attributes.list',
      'contact.attributes.empty',
    ]),
  ).toEqual({
    C1: ['One', { a: '10.50', c: 'EUR' }, 'N1', 'gold', [1, 2], null],
    C2: ['Two', null, 'N3', null, null, null],
    C3: ['Three', null, null, null, null, null],
  });
});

test("AMB-23 the wallet is that of the contact's first account, else the only one of no account", async () => {
  expect(await values(['wallet.balance', 'account.wallet.balance'])).toEqual({
    C1: [
      { a: '2.5', c: 'EUR' },
      { a: '2.5', c: 'EUR' },
    ],
    C2: [
      { a: '3', c: null },
      { a: '3', c: null },
    ],
    C3: [null, null],
  });
});

test('a relation leads by the id that the object names, else to the only object of that type', async () => {
  expect(
    await values([
      'award_reward_transaction.rewards_participant.number',
      'award_reward_transaction.amount',
      'award_reward_transaction.account.number',
      'rewards_participant.number',
    ]),
  ).toEqual({
    C1: ['RP2', { a: '5', c: 'USD' }, 'N2', null],
    C2: ['RP3', { a: '5', c: null }, 'N3', 'RP3'],
    C3: [null, null, null, null],
  });
});

test('the object and the account that are given are meant', async () => {
  const join = `left join business_object o on o.contact_id = c.id and o.type = 'wallet' and o.external_id in ('W0', 'W3') left join account a on a.external_id = 'A2' and a.contact_id = c.id`;
  const names = { object: { type: 'wallet', alias: 'o' }, account: 'a' };
  expect(await values(['wallet.balance', 'account.number', 'wallet.account.number'], names, join)).toEqual({
    C1: [{ a: '1', c: 'USD' }, 'N2', 'N2'],
    // Where the communication has no account, it is again the contact's first.
    C2: [{ a: '3', c: null }, 'N3', 'N3'],
    C3: [null, null, null],
  });
});

test('a hundred and more tags are one array', async () => {
  const tags = Array.from({ length: 120 }, (_, index) => `param.p${index}`);
  const params = Object.fromEntries(tags.map((tag, index) => [tag.slice('param.'.length).toUpperCase(), `v${index}`]));
  expect((await values(tags, { params }))['C1']).toEqual(tags.map((_, index) => `v${index}`));
  expect((await values([]))['C1']).toEqual([]);
});

test('days are those of the contact, in its zone or the default one', async () => {
  const { C1, C2 } = await values(['communication.expires_on', 'date.today', 'communication.number'], {
    expiresAt: new Date('2027-03-27T22:30:00Z'),
    number: `'CM1'`,
  });
  const today = (timeZone: string) => new Date().toLocaleDateString('sv', { timeZone });
  expect(C1).toEqual(['2027-03-28', today('Asia/Kolkata'), 'CM1']);
  // Half past midnight in Nicosia, too: its summer time begins that night.
  expect(C2).toEqual(['2027-03-28', today('Europe/Nicosia'), 'CM1']);
});

test('the offset is that of the zone now, and the SQL chooses the language as the program does', async () => {
  const parameters: unknown[] = [];
  const push = pushTo(parameters);
  const content = { languages: ['en', 'el', 'pt-BR', 'pt'], defaultLanguage: 'en' };
  const preferred = ['el', 'EL-cy', 'pt-br', 'pt-PT', 'p', 'fr', '', null];
  const [row] = await app.sql(
    `select array(select ${languageSql(content, 'l', push)} from unnest(${push(preferred)}::text[]) with ordinality u(l, n) order by n) as languages,
       array(select ${zoneOffsetSql('c', 'Asia/Tokyo', push)} from contact c order by external_id) as offsets`,
    parameters,
  );
  expect(row?.['languages']).toEqual(preferred.map((each) => languageFor(content, each)));
  expect(row?.['offsets']).toEqual([330, 540, 540]);
});
