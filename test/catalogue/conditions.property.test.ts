import fc from 'fast-check';
import { Client } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { checkCondition } from '../../src/catalogue/check-condition.js';
import type { Condition, ConditionOperator } from '../../src/catalogue/condition.js';
import { operatorsOf } from '../../src/catalogue/condition.js';
import { conditionSql } from '../../src/catalogue/condition-sql.js';
import { Problems } from '../../src/errors.js';
import { cloneDatabase } from '../support/app.js';
import { holds, type Person, type Thing } from './evaluate.js';

const client = new Client({ connectionString: await cloneDatabase() });
await client.connect();
afterAll(async () => await client.end());

const zones = ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Europe/Nicosia', null];
const texts = ['TV', 'tv', 'Fibre 200', 'Τηλεόραση', 'ΤΗΛΕΌΡΑΣΗ', '100%', 'a_b', "O'Hara", '', 'ς'];
const numbers = ['0', '5', '-3.5', '10', '99.99'];

const kinds = {
  contact: { name: 'TEXT', preferred_language: 'LOCALE', direct_marketing: 'BOOLEAN', time_zone: 'TIME_ZONE' },
  account: { classification: 'TEXT', balance: 'MONEY' },
  subscription: { type: 'TEXT', state: 'TEXT', services: 'LIST', outstanding_amount: 'MONEY', start_date: 'DATE' },
  wallet: { balance: 'MONEY', expires_on: 'DATE' },
  wallet_product_consumption: { quantity: 'NUMBER' },
  access_token: { expires_at: 'DATE_TIME' },
} as const satisfies Record<string, Record<string, string>>;

/** A deterministic dice: the same people every time. */
let seed = 42;
const dice = (sides: number) => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * sides);
};
const pick = <T>(list: readonly T[]): T => list[dice(list.length)] as T;

function dayFromNow(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Quarter days, so that which day it is depends on the zone. */
function instantFromNow(quarters: number): string {
  return new Date(Math.floor(Date.now() / 21_600_000) * 21_600_000 + quarters * 21_600_000).toISOString();
}

const anything = [
  'gold',
  'Gold',
  5,
  5.5,
  '5',
  '10',
  true,
  ['gold', 'TV'],
  [],
  '',
  '2027-02-30',
  dayFromNow(0),
  dayFromNow(-1),
  dayFromNow(2),
];

function someValue(kind: string): unknown {
  if (dice(5) === 0) return null;
  switch (kind) {
    case 'NUMBER':
    case 'MONEY':
      return pick(numbers);
    case 'DATE_TIME':
      return instantFromNow(dice(60) - 30);
    case 'TIME_ZONE':
      return pick(zones);
    case 'DATE':
      return dayFromNow(dice(9) - 4);
    case 'LIST':
      return Array.from({ length: dice(3) }, () => pick(texts.filter((each) => each !== '')));
    case 'LOCALE':
      return pick(['en', 'el', 'el-CY']);
    case 'BOOLEAN':
      return dice(2) === 0;
    default:
      return pick(texts);
  }
}

function someThing(type: keyof typeof kinds): Thing {
  const fields = Object.fromEntries(Object.entries(kinds[type]).map(([name, kind]) => [name, someValue(kind)]));
  const attributes: Record<string, unknown> = {};
  if (dice(2) === 0) attributes['tier'] = pick(anything);
  return { fields, attributes, kinds: kinds[type], related: {} };
}

async function insert(table: string, row: Record<string, unknown>): Promise<string> {
  const names = Object.keys(row);
  const holders = names.map((_, index) => `$${index + 1}`);
  const { rows } = await client.query(`insert into ${table} (${names}) values (${holders}) returning id`, Object.values(row));
  return rows[0].id;
}

async function somePerson(number: number): Promise<[string, Person]> {
  const thing = someThing('contact');
  const zone = thing.fields['time_zone'] as string | null;
  thing.fields['name'] ??= 'Nobody';
  thing.fields['direct_marketing'] ??= true;
  const external = `P${number}`;
  const contact = await insert('contact', { external_id: external, ...thing.fields, attributes: thing.attributes });
  const today = new Date().toLocaleDateString('sv', { timeZone: zone ?? 'Asia/Tokyo' });
  const accounts: [string, Thing][] = [];
  for (let index = dice(3); index > 0; index--) {
    const account = someThing('account');
    const id = await insert('account', {
      external_id: `${external}A${index}`,
      contact_id: contact,
      ...account.fields,
      attributes: account.attributes,
    });
    account.related = { wallet: [], contact: [] };
    accounts.push([id, account]);
  }
  thing.related = {
    account: accounts.map(([, each]) => each),
    subscription: [],
    wallet: [],
    wallet_product_consumption: [],
    access_token: [],
  };
  for (const type of [
    'subscription',
    'subscription',
    'subscription',
    'wallet',
    'wallet',
    'wallet_product_consumption',
    'access_token',
  ] as const) {
    if (dice(3) === 0) continue;
    const object = someThing(type);
    const [accountId, account] = dice(3) === 0 ? [null, undefined] : (accounts[dice(accounts.length)] ?? [null, undefined]);
    const fields = JSON.stringify(object.fields);
    const row = {
      type,
      external_id: `${external}-${dice(1e9)}`,
      contact_id: contact,
      account_id: accountId,
      fields,
      attributes: object.attributes,
    };
    await insert('business_object', row);
    object.related = { account: account ? [account] : [], contact: [thing] };
    thing.related[type]?.push(object);
    if (type === 'wallet') account?.related['wallet']?.push(object);
  }
  return [external, { ...thing, today, zone: zone ?? 'Asia/Tokyo' }];
}

const people = new Map<string, Person>();
for (let number = 0; number < 80; number++) {
  const [external, person] = await somePerson(number);
  people.set(external, person);
}
for (const person of people.values()) {
  for (const account of person.related['account'] ?? []) account.related['contact'] = [person];
}

const fields: [field: string, kind: string][] = [
  ...Object.entries(kinds).flatMap(([type, its]) => Object.entries(its).map(([name, kind]): [string, string] => [`${type}.${name}`, kind])),
  ['contact.attributes.tier', 'ANY'],
  ['subscription.attributes.tier', 'ANY'],
  ['subscription.account.balance', 'MONEY'],
  ['subscription.account.classification', 'TEXT'],
  ['account.wallet.balance', 'MONEY'],
  ['account.wallet.expires_on', 'DATE'],
];

function valueFor(kind: string, operator: ConditionOperator): fc.Arbitrary<unknown> {
  const plain = operator === 'CONTAINS' || operator === 'STARTS_WITH';
  const one: fc.Arbitrary<unknown> = plain
    ? kind === 'LOCALE'
      ? fc.constantFrom('e', 'CY', 'el')
      : kind === 'TIME_ZONE'
        ? fc.constantFrom('pacific/', 'europe')
        : kind === 'LIST'
          ? fc.constantFrom('tv', 'FIBRE 200', '100%', 'ΤΗΛΕΌΡΑΣΗ', 'fibre')
          : fc.constantFrom('t', 'Τ', 'ό', '%', '_', 'fibre', "O'", 'gold', 'σ')
    : kind === 'NUMBER' || kind === 'MONEY'
      ? fc.constantFrom(...numbers, 5, -3.5)
      : kind === 'DATE'
        ? fc.integer({ min: -4, max: 4 }).map(dayFromNow)
        : kind === 'DATE_TIME'
          ? fc.integer({ min: -30, max: 30 }).map(instantFromNow)
          : kind === 'TIME_ZONE'
            ? fc.constantFrom('Europe/Nicosia', 'Pacific/Pago_Pago', 'UTC')
            : kind === 'BOOLEAN'
              ? fc.boolean()
              : kind === 'LOCALE'
                ? fc.constantFrom('en', 'EL', 'el-cy')
                : kind === 'ANY'
                  ? fc.constantFrom('gold', '5', 5, 5.5, 'true', true, '10', 'zzz')
                  : fc.constantFrom(...texts);
  switch (operator) {
    case 'IS_EMPTY':
    case 'IS_NOT_EMPTY':
      return fc.constant(undefined);
    case 'IN':
    case 'NOT_IN':
      return fc.array(one, { minLength: 1, maxLength: 3 });
    case 'BETWEEN':
      return fc.tuple(one, one);
    case 'WITHIN_LAST_DAYS':
    case 'WITHIN_NEXT_DAYS':
      return fc.integer({ min: 0, max: 3 });
    default:
      return one;
  }
}

const leaf: fc.Arbitrary<Condition> = fc
  .constantFrom(...fields)
  .chain(([field, kind]) =>
    fc
      .constantFrom(...operatorsOf[kind as keyof typeof operatorsOf])
      .chain((operator) => valueFor(kind, operator).map((value) => ({ field, operator, ...(value === undefined ? {} : { value }) }))),
  );

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie('condition').map((not) => ({ not })),
  ),
}));

async function found(each: Condition): Promise<string[]> {
  const parameters: unknown[] = [];
  const sql = conditionSql(each, parameters, { contact: 'c', timeZone: 'Asia/Tokyo' });
  const { rows } = await client.query(
    `select external_id, (${sql}) is null as unknown from contact c where ${sql} order by external_id`,
    parameters,
  );
  expect(rows.some((row) => row.unknown)).toBe(false);
  return rows.map((row) => row.external_id);
}

test('AMB-11 every operator that a kind of field takes, on every kind, finds exactly the contacts that meet it', {
  timeout: 120_000,
}, async () => {
  const tried = new Set<string>();
  for (const [field, kind] of fields) {
    for (const operator of operatorsOf[kind as keyof typeof operatorsOf]) {
      for (const value of fc.sample(valueFor(kind, operator), { numRuns: 6, seed: 7 })) {
        const each: Condition = { field, operator, ...(value === undefined ? {} : { value }) };
        const expected = [...people].filter(([, person]) => holds(each, person)).map(([external]) => external);
        expect([each, await found(each)]).toEqual([each, expected.toSorted()]);
        if (expected.length > 0 && expected.length < people.size) tried.add(`${kind} ${operator}`);
      }
    }
  }
  // A comparison that finds nobody, or everybody, would prove little.
  const all = Object.entries(operatorsOf).flatMap(([kind, its]) => its.map((operator) => `${kind} ${operator}`));
  // Both switches of a contact always have a value.
  expect(all.filter((each) => !tried.has(each))).toEqual(['BOOLEAN IS_EMPTY', 'BOOLEAN IS_NOT_EMPTY']);
});

test('AMB-11 a condition finds exactly the contacts that meet it, whatever it is', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(condition, async (each) => {
      const problems = new Problems();
      checkCondition(each, problems, []);
      expect(problems.list).toEqual([]);
      const expected = [...people].filter(([, person]) => holds(each, person)).map(([external]) => external);
      expect(await found(each)).toEqual(expected.toSorted());
      // Never null: what is excluded is exactly the rest.
      expect((await found({ not: each })).length).toBe(people.size - expected.length);
    }),
    { numRuns: 400 },
  );
});
