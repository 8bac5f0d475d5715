import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';

const app = await openApp();

const create = `mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template {
  id name code medium objectType version effective tags content { language subject body format } } } }`;

const problemsOf = async (input: Record<string, unknown>) => {
  const answer = await app.ask(create, { input });
  expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  return (answer.errors?.[0]?.extensions.problems ?? []).map((each) => [each.path.join('.'), each.code, each.message] as const);
};

test('T2 T3 T5 T6 a template keeps its texts, and gets a code from its name', async () => {
  const input = {
    name: 'Overdue bill (reminder)',
    medium: 'EMAIL',
    objectType: 'bill',
    content: [
      { language: 'en', subject: 'Bill #bill.number', body: 'Dear #contact_information.name, pay #BILL.amount.' },
      { language: 'el', subject: 'Λογαριασμός #bill.number', body: 'Πληρώστε #bill.amount.' },
    ],
  };
  const { createTemplate } = await app.call(create, { input });
  expect(createTemplate.template).toEqual({
    id: expect.stringMatching(/^tpl_/),
    name: 'Overdue bill (reminder)',
    code: 'overdue-bill-reminder',
    medium: 'EMAIL',
    objectType: 'bill',
    version: 1,
    effective: true,
    tags: ['bill.number', 'contact.name', 'bill.amount'],
    content: input.content.map((each) => ({ ...each, format: 'TEXT' })),
  });
  const { node } = await app.call('query ($id: ID!) { node(id: $id) { __typename ... on Template { code } } }', {
    id: createTemplate.template.id,
  });
  expect(node).toEqual({ __typename: 'Template', code: 'overdue-bill-reminder' });
});

test('T2 T3 name and code are unique', async () => {
  const content = [{ language: 'en', body: 'Hello' }];
  await app.call(create, { input: { name: 'Welcome', code: 'hello', medium: 'SMS', content } });
  expect((await problemsOf({ name: 'Welcome', code: 'hello', medium: 'SMS', content })).map((each) => each.slice(0, 2))).toEqual([
    ['name', 'TAKEN'],
    ['code', 'TAKEN'],
  ]);
});

test('of two that are written at the same time under one name, one is refused', async () => {
  const input = { name: 'Race', medium: 'SMS', content: [{ language: 'en', body: 'Hello' }] };
  const answers = await Promise.all([1, 2, 3].map(async () => await app.ask(create, { input })));
  expect(answers.filter((each) => each.data)).toHaveLength(1);
  expect(answers.flatMap((each) => each.errors ?? []).map((each) => each.extensions.code)).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
});

test('XU7 everything that is wrong with a template is said at once, with its place', async () => {
  const problems = await problemsOf({
    name: ' ',
    medium: 'EMAIL',
    objectType: 'bil',
    content: [
      { language: 'el', subject: 'Hi #contact.nmae', body: 'Line one\nPay #bill.ammount' },
      { language: 'EL', body: '  ' },
      { language: 'xx-nonsense', body: 'x' },
    ],
  });
  expect(problems.map(([path, code]) => [path, code])).toEqual(
    expect.arrayContaining([
      ['name', 'INVALID'],
      ['objectType', 'UNKNOWN_TYPE'],
      ['content', 'MISSING_DEFAULT_LANGUAGE'],
      ['content.1.language', 'DUPLICATE'],
      ['content.2.language', 'INVALID_LANGUAGE'],
      ['content.0.subject', 'UNKNOWN_TAG'],
      ['content.0.body', 'UNKNOWN_TAG'],
      ['content.1.body', 'EMPTY'],
    ]),
  );
  expect(problems.find(([path]) => path === 'content.0.body')?.[2]).toContain('(line 2, column 5) is no tag. Did you mean #bill.amount?');
  expect(await app.sql('select 1 from template where name = $1', [' '])).toEqual([]);
});

test('XU7 a tag that the object type cannot reach is refused', async () => {
  const body = '#contact.name #account.balance #wallet.balance #bill.account.balance #date.today #param.x #subscription.number';
  const problems = await problemsOf({ name: 'Reach', medium: 'SMS', objectType: 'bill', content: [{ language: 'en', body }] });
  expect(problems.map(([path, code, message]) => [path, code, message.slice(0, 21)])).toEqual([
    ['content.0.body', 'UNREACHABLE_TAG', '#subscription.number '],
  ]);
});

test('a body that is too large, no text at all and HTML by SMS are refused', async () => {
  const content = [{ language: 'en', body: 'ä'.repeat(102_401) }];
  expect((await problemsOf({ name: 'Large', medium: 'EMAIL', content })).map((each) => each.slice(0, 2))).toEqual([
    ['content.0.body', 'TOO_LARGE'],
  ]);
  expect((await problemsOf({ name: 'None', medium: 'EMAIL', content: [] })).map((each) => each.slice(0, 2))).toEqual([
    ['content', 'REQUIRED'],
  ]);
  const html = [{ language: 'en', body: '<b>x</b>', format: 'HTML' }];
  expect((await problemsOf({ name: 'Html', medium: 'SMS', content: html })).map((each) => each.slice(0, 2))).toEqual([
    ['content.0.format', 'FORMAT_NOT_ALLOWED'],
  ]);
});

test('XU7 MJML is checked by its own rules, each error with its line', async () => {
  const body =
    '<mjml><mj-body><mj-section><mj-column>\n<mj-text colour="red">#contact.nmae</mj-text>\n<mj-foo /></mj-column></mj-section></mj-body></mjml>';
  const problems = await problemsOf({ name: 'Mjml', medium: 'EMAIL', content: [{ language: 'en', body, format: 'MJML' }] });
  expect(problems.map(([, code]) => code).toSorted()).toEqual(['INVALID_MJML', 'INVALID_MJML', 'UNKNOWN_TAG']);
  expect(problems.map(([, , message]) => message).join('\n')).toMatch(/Line 2 \(mj-text\): Attribute colour is illegal/);
  expect((await problemsOf({ name: 'Mjml', medium: 'EMAIL', content: [{ language: 'en', body: '', format: 'MJML' }] }))[0]?.[1]).toBe(
    'EMPTY',
  );
});

test('XU7 MJML whose elements are not closed is refused, each with its place: its texts would be left out', async () => {
  const body =
    '<mjml><mj-head><mj-title>A < b</mj-title></mj-head><mj-body><mj-section><mj-column>\n<mj-text>Dear #contact.name<mj-divider /></mj-column></mj-image></mj-section>';
  const input = { name: 'Open', medium: 'EMAIL', content: [{ language: 'en', body, format: 'MJML' }] };
  const problems = (await app.ask(create, { input })).errors?.[0]?.extensions.problems;
  expect(problems?.map(({ message, offset }) => `${body.slice(offset).split('>')[0]} ${message}`)).toEqual([
    '<mjml Line 1 (mjml): mjml is not closed; give it an end, </mjml>.',
    '<mj-body Line 1 (mj-body): mj-body is not closed; give it an end, </mj-body>.',
    '<mj-text Line 2 (mj-text): mj-text is not closed; give it an end, </mj-text>.',
    '</mj-image Line 2 (mj-image): mj-image ends here, but does not begin.',
  ]);
});

test('XU7 HTML that is nested too deeply is refused in words', async () => {
  const body = `${'<div>'.repeat(20_000)}Dear #contact.name`;
  for (const [format, written] of [
    ['HTML', body],
    ['MJML', `<mjml><mj-body><mj-section><mj-column><mj-text>${body}</mj-text></mj-column></mj-section></mj-body></mjml>`],
  ]) {
    const problems = await problemsOf({ name: 'Deep', medium: 'EMAIL', content: [{ language: 'en', body: written, format }] });
    expect(problems.map((each) => each.slice(0, 2))).toEqual([['content.0.body', 'TOO_COMPLEX']]);
  }
});

test('T12 templates are written by administrators, and read by agents too', async () => {
  const input = { name: 'Forbidden', medium: 'SMS', content: [{ language: 'en', body: 'x' }] };
  expect((await app.ask(create, { input }, 'AGENT')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect((await app.call('{ templates { totalCount } }', {}, 'AGENT')).templates.totalCount).toBeGreaterThan(0);
  expect((await app.ask('{ templates { totalCount } }', {}, ['CONTACT', 'C1'])).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  const { templates } = await app.call('{ templates { nodes { id } } }');
  const asContact = await app.call('query ($id: ID!) { node(id: $id) { id } }', { id: templates.nodes[0].id }, ['CONTACT', 'C1']);
  expect(asContact.node).toBeNull();
});

test('templates are listed page by page, newest first', async () => {
  for (const number of [1, 2, 3]) {
    await app.call(create, { input: { name: `Page ${number}`, medium: 'SMS', content: [{ language: 'en', body: 'x' }] } });
  }
  const query = 'query ($after: String) { templates(first: 2, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }';
  const { templates } = await app.call(query);
  expect(templates.nodes.map((each: { name: string }) => each.name)).toEqual(['Page 3', 'Page 2']);
  const next = await app.call(query, { after: templates.pageInfo.endCursor });
  expect(next.templates.nodes[0].name).toBe('Page 1');
});

test('the same idempotency key writes one template', async () => {
  const input = { name: 'Once', medium: 'SMS', content: [{ language: 'en', body: 'x' }], idempotencyKey: 'once' };
  const first = await app.call(create, { input });
  expect(await app.call(create, { input })).toEqual(first);
});
