import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ImportOptions, importFile } from '../../src/cli/import/import-file.js';
import { checkMapping } from '../../src/cli/import/mapping.js';
import type { Progress } from '../../src/cli/import/progress.js';
import { packageRoot } from '../../src/files.js';
import { openApp } from '../support/app.js';

const app = await openApp({ overrides: { now: () => new Date('2027-03-15T12:00:00Z') } });
const folder = mkdtempSync(join(tmpdir(), 'carillon-import-'));
let files = 0;

/** Imports a file of this content. */
async function imported(name: string, content: string, options: Omit<ImportOptions, 'file'> = {}) {
  const file = join(folder, `${++files}-${name}`);
  writeFileSync(file, content);
  return await importFile(app.context, { file, ...options });
}

const contactMapping = (contact: Record<string, unknown>) => checkMapping({ contact: { externalId: '{id}', ...contact } }, 'test');

async function contactOf(externalId: string) {
  const { contact } = await app.call(
    `query ($externalId: String!) { contact(externalId: $externalId) { name firstName preferredLanguage timeZone directMarketing attributes
      emails { address } phones { number } accounts { nodes { externalId balance } } objects { nodes { type externalId number account fields } } } }`,
    { externalId },
  );
  return contact as Record<string, any>;
}

test('without a mapping the columns of a CSV are the fields of its type', async () => {
  const report = await importFile(app.context, { file: join(packageRoot, 'examples/import/contacts.csv'), type: 'contact' });
  expect(report).toMatchObject({ rows: 3, refused: 0, inserted: 3, problems: [] });
  expect(await contactOf('X0002')).toMatchObject({
    name: 'Ελένη Γεωργίου',
    preferredLanguage: 'el',
    timeZone: 'Europe/Nicosia',
    directMarketing: false,
    emails: [{ address: 'eleni.georgiou@example.org' }],
    phones: [{ number: '+12025550102' }],
    attributes: { tier: 'silver' },
  });
  expect(await contactOf('X0003')).toMatchObject({ name: 'Walker, Tom', timeZone: null, directMarketing: true, phones: [] });
});

test('an NDJSON line may be the input of upsertCrmRecords', async () => {
  const report = await importFile(app.context, { file: join(packageRoot, 'examples/import/records.ndjson') });
  expect(report).toMatchObject({ rows: 2, refused: 0, inserted: 2, unchanged: 1 });
  expect((await contactOf('X0001'))['objects'].nodes[0]).toMatchObject({
    type: 'subscription',
    fields: { services: ['Internet', 'Voice'] },
  });
});

test('an object of a type takes the columns of its fields, lists too', async () => {
  await imported('c.csv', 'externalId,name\nT1,Tea\n', { type: 'contact' });
  const report = await imported(
    's.tsv',
    'externalId\tcontact\tnumber\ttype\tservices\tstart_date\tattributes.colour\nS1\tT1\tSB1\tFibre\tTV; Voice\t2026-01-15\tred\n',
    { type: 'subscription' },
  );
  expect(report).toMatchObject({ inserted: 1, problems: [] });
  expect((await contactOf('T1'))['objects'].nodes[0]).toMatchObject({
    number: 'SB1',
    fields: { type: 'Fibre', services: ['TV', 'Voice'], start_date: '2026-01-15', attributes: { colour: 'red' } },
  });
});

test('NDJSON of a type keeps the kinds of its values, and null clears', async () => {
  const lines = (...list: object[]) => list.map((each) => JSON.stringify(each)).join('\n');
  await imported(
    'n.ndjson',
    lines({ externalId: 7, name: 'Seven', emails: [{ address: '7@example.org' }], timeZone: 'UTC', attributes: { n: 1 } }),
    { type: 'contact' },
  );
  await imported('n.jsonl', `${lines({ externalId: '7', timeZone: null }, {})}\n\n`, { type: 'contact' });
  expect(await contactOf('7')).toMatchObject({
    name: 'Seven',
    timeZone: null,
    emails: [{ address: '7@example.org' }],
    attributes: { n: 1 },
  });
});

test('a mapping feeds fields by templates, constants, transforms, value maps and made-up values', async () => {
  const mapping = checkMapping(
    {
      delimiter: ';',
      contact: {
        externalId: 'M-{id}',
        name: { template: '{first} {last}', transform: 'trim' },
        preferredLanguage: { column: 'lang', transform: ['trim', 'lower'], map: { greek: 'el', english: 'en' }, default: 'en' },
        emails: [{ address: { column: 'mail', transform: ['trim', 'lower'] } }, { type: 'WORK', address: '{work}' }],
        phones: [{ number: { madeUp: 'phone', seed: '{id}' } }],
        directMarketing: { column: 'optin', transform: 'boolean' },
        attributes: { braces: '{{{id}', kept: { column: 'note', skipWhenEmpty: true }, cleared: { column: 'note' } },
      },
      account: {
        externalId: 'M-{id}',
        contact: 'M-{id}',
        balance: { column: 'balance', transform: 'number', default: '0' },
        when: { column: 'balance', isNot: '-' },
      },
      objects: [
        {
          type: 'subscription',
          externalId: 'M-{id}',
          contact: 'M-{id}',
          fields: {
            services: [
              { constant: 'TV', when: { column: 'tv', is: ['yes', 'y'] } },
              { constant: 'Phone', when: { column: 'tv', isNot: 'yes' } },
            ],
            start_date: { column: 'since', transform: { date: 'dd/MM/yyyy' } },
            state: { constant: 'ACTIVE', when: { column: 'tv', is: 'yes' }, otherwise: 'STOPPED' },
          },
        },
        { type: 'bill', externalId: 'M-{id}', contact: 'M-{id}', fields: { due_date: { madeUp: 'day', seed: '{id}', from: 5, to: 5 } } },
      ],
    },
    'test',
  );
  const report = await imported(
    'm.csv',
    'id;first;last;lang;mail;work;optin;note;balance;tv;since\n1;Ada;Lovelace; Greek ; ADA@example.org;;No;;12.5;yes;31/01/2026\n2;Bo;;;;;1;x;-;no;01/02/2026\n',
    { mapping },
  );
  expect(report).toMatchObject({ rows: 2, refused: 0, inserted: 7, problems: [] });
  const ada = await contactOf('M-1');
  expect(ada).toMatchObject({
    name: 'Ada Lovelace',
    preferredLanguage: 'el',
    directMarketing: false,
    attributes: { braces: '{1' },
    accounts: { nodes: [{ balance: '12.5' }] },
  });
  expect(ada['emails']).toEqual([{ address: 'ada@example.org' }]);
  expect(ada['phones'][0].number).toMatch(/^\+1\d{3}55501\d\d$/);
  expect(ada['objects'].nodes).toContainEqual(
    expect.objectContaining({ type: 'subscription', fields: { services: ['TV'], start_date: '2026-01-31', state: 'ACTIVE' } }),
  );
  expect(ada['objects'].nodes).toContainEqual(expect.objectContaining({ type: 'bill', fields: { due_date: '2027-03-20' } }));
  expect(await contactOf('M-2')).toMatchObject({
    name: 'Bo',
    preferredLanguage: 'en',
    directMarketing: true,
    attributes: { kept: 'x', cleared: 'x' },
    accounts: { nodes: [] },
  });
});

test('what is made up follows from its seed alone', async () => {
  const mapping = contactMapping({
    name: { madeUp: 'name', seed: '{id}', language: '{lang}', gender: '{sex}' },
    emails: [{ address: { madeUp: 'email', seed: '{id}', language: '{lang}', gender: '{sex}' } }],
  });
  const content = 'id,lang,sex\nmade1,en,Female\nmade2,el,\n';
  expect(await imported('a.csv', content, { mapping })).toMatchObject({ inserted: 2 });
  expect(await imported('b.csv', content, { mapping })).toMatchObject({ inserted: 0, updated: 0, unchanged: 2 });
  const greek = await contactOf('made2');
  expect(greek['name']).toMatch(/^\p{Script=Greek}+ \p{Script=Greek}+$/u);
  expect(greek['emails'][0].address).toMatch(/^[a-z]+\.[a-z]+\.made2@example\.(com|org|net)$/);
});

test('rows with a problem are left out and named by their line, and all others are taken', async () => {
  const report = await imported(
    'p.csv',
    'externalId,name,email,timeZone\nP1,Pam,pam@example.org,\nP2,,nobody,Mars\nP3,"Two\nlines",,\nP4,Pat,,\nP5\nP6,Pia,"pia@example.org, x@example.org",\n',
    { type: 'contact' },
  );
  expect(report).toMatchObject({ rows: 6, refused: 4, inserted: 2, problemCount: 6 });
  expect(report.problems.map((each) => `${each.line} ${each.field ?? ''}`)).toEqual([
    '3 contact.timeZone',
    '3 contact.emails[0].address',
    '3 contact.name',
    '4 contact.name',
    '7 ',
    '8 contact.emails[0].address',
  ]);
  expect(await contactOf('P4')).toMatchObject({ name: 'Pat' });
  expect(await contactOf('P2')).toBeNull();
});

test('of many problems the first twenty are told, and how many there are', async () => {
  const lines = Array.from({ length: 1_500 }, (_, i) => (i % 3 === 0 ? `bad${i},` : `ok${i},Name`));
  const report = await imported('many.csv', `externalId,name\n${lines.join('\n')}\n`, { type: 'contact' });
  expect(report).toMatchObject({ rows: 1_500, refused: 500, inserted: 1_000, problemCount: 500 });
  expect(report.problems).toHaveLength(20);
  expect(report.problems[0]).toMatchObject({ line: 2, field: 'contact.name' });
});

test('a record is taken with its whole row or not at all', async () => {
  const mapping = checkMapping(
    {
      contact: { externalId: '{id}', name: '{name}' },
      objects: [{ type: 'bill', externalId: '{bill}', contact: '{id}', fields: { amount: '{amount}' } }],
    },
    'test',
  );
  // Rows of one contact repeat it; the second is wrong, the third is not.
  const report = await imported('w.csv', 'id,name,bill,amount\nW1,Win,b1,5\nW1,Win,b2,much\nW1,Win,b3,7\nW2,Wes,b4,x\n', { mapping });
  expect(report).toMatchObject({
    rows: 4,
    refused: 2,
    inserted: 3,
    problems: [
      { line: 3, field: 'bill.fields.amount' },
      { line: 5, field: 'bill.fields.amount' },
    ],
  });
  expect(await contactOf('W2')).toBeNull();
});

test('the last of several rows of one record wins, as if they came one after the other', async () => {
  const report = await imported('l.csv', 'externalId,name\nL1,First\nL2,Other\nL1,Second\n', { type: 'contact' });
  expect(report).toMatchObject({ rows: 3, inserted: 2, updated: 1 });
  expect(await contactOf('L1')).toMatchObject({ name: 'Second' });
});

test('a dry run checks every row against what came before it, and keeps nothing', async () => {
  const contacts = Array.from({ length: 1_200 }, (_, i) => JSON.stringify({ contacts: [{ externalId: `D${i}`, name: 'Dry' }] }));
  const account = JSON.stringify({ accounts: [{ externalId: 'D', contact: 'D1' }] });
  const report = await imported('dry.ndjson', [...contacts, '{"contacts":[{"externalId":"D"}]}', account].join('\n'), { dryRun: true });
  expect(report).toMatchObject({ rows: 1_202, inserted: 1_201, refused: 1, problems: [{ line: 1_201, field: 'contact.name' }] });
  expect(await app.sql(`select 1 from contact where external_id like 'D%'`)).toEqual([]);
});

test('progress ends at the end of the file', async () => {
  const seen: Progress[] = [];
  await imported('g.csv', 'externalId,name\nG1,Gil\nG2,Gus\n', { type: 'contact', onProgress: (each) => seen.push(each) });
  expect(seen.map((each) => each.rows)).toEqual([1, 2]);
  expect(seen.at(-1)?.bytes).toBe(seen.at(-1)?.ofBytes);
});

test.each<[what: string, name: string, content: string, options: () => Omit<ImportOptions, 'file'>, message: RegExp]>([
  ['an unknown type', 'x.csv', 'externalId\n', () => ({ type: 'subscriptoin' }), /Did you mean subscription/],
  ['an unknown column', 'x.csv', 'externalId,nmae\n', () => ({ type: 'contact' }), /nmae: Did you mean name/],
  [
    'a mapping for another file',
    'x.csv',
    'ID,name\n',
    () => ({ mapping: contactMapping({ name: '{nam}' }) }),
    /id[\s\S]*nam Did you mean name/,
  ],
  ['a CSV without type and mapping', 'x.csv', 'a,b\n1,2\n', () => ({}), /--type/],
  ['another kind of file', 'x.xlsx', '', () => ({ type: 'contact' }), /must end in/],
  ['an empty file', 'x.csv', '', () => ({ type: 'contact' }), /is empty/],
  ['a column named twice', 'x.csv', 'name,name\n', () => ({ type: 'contact' }), /twice/],
  ['a quote that is never closed', 'x.csv', 'externalId,name\nQ1,"open\n', () => ({ type: 'contact' }), /no CSV/],
])('%s is refused before anything is written', async (_what, name, content, options, message) => {
  await expect((async () => await imported(name, content, options()))()).rejects.toThrow(message);
});

test('a file that is not there is refused', async () => {
  await expect(importFile(app.context, { file: join(folder, 'none.csv'), type: 'contact' })).rejects.toThrow(/cannot be read \(ENOENT\)/);
});

test('lines that are no JSON objects, and rows in another encoding, are problems of their line', async () => {
  const json = await imported(
    'j.ndjson',
    '{"contacts":[]}\n[]\nnonsense\n{"contract":[]}\n{"contacts":[{"externalId":"j","name":true}]}\n',
  );
  expect(json.problems.map((each) => each.line)).toEqual([2, 3, 4, 5]);
  const latin = join(folder, 'latin.csv');
  writeFileSync(latin, Buffer.from('externalId,name\nE1,Ren\xe9\n', 'latin1'));
  expect(await importFile(app.context, { file: latin, type: 'contact' })).toMatchObject({ refused: 1, inserted: 0 });
});

test.each<[mapping: unknown, message: RegExp]>([
  [{}, /needs at least one of contact, account, objects/],
  [{ contact: { name: 'x' } }, /contact\.externalId/],
  [{ contact: { externalId: '{id}', nme: 'x' } }, /nme/],
  [{ contact: { externalId: { colum: 'id' } } }, /contact\.externalId.*colum/],
  [{ contact: { externalId: { column: 'id', template: '{x}' } } }, /exactly one of column, template, constant, madeUp/],
  [{ contact: { externalId: { madeUp: 'name' } } }, /needs a seed/],
  [{ contact: { externalId: { column: 'id', transform: 'shout' } } }, /transform/],
])('a mapping such as %j is refused, with what is wrong', (mapping, message) => {
  expect(() => checkMapping(mapping, 'test')).toThrow(message);
});
