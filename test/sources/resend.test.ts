import { beforeAll, expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { subscribe } from '../support/live.js';
import { openSink } from '../support/smtp-sink.js';
import { pdf, upload } from '../support/upload.js';

const sink = await openSink();
const app = await openApp({ env: { DELIVERY_MODE: 'live', SMTP_URL: sink.url, MAIL_FROM: 'Example TV <news@example.org>' } });
const systems: Record<string, string> = {};
const fields = 'id number state to body origin rejection { code message } retryOf { id state } retriedAs { id } attachments { name }';
type Communication = Record<string, any> & { id: string };

const call = async (name: string, input: object, as: 'ADMIN' | 'AGENT' = 'AGENT'): Promise<Communication> =>
  (
    await app.call(
      `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { communication { ${fields} } } }`,
      { input },
      as,
    )
  )[name].communication;
const refused = async (name: string, input: object, as: 'ADMIN' | 'AGENT' = 'AGENT') => {
  const answer = await app.ask(
    `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { communication { id } } }`,
    { input },
    as,
  );
  const { code, problems } = answer.errors?.[0]?.extensions ?? {};
  return [code, ...(problems ?? []).map((each) => `${each.path.join('.')}: ${each.code}`)];
};
const create = async (input: object) => await call('createCommunication', { contactExternalId: 'anna', ...input });
const read = async (id: string): Promise<Communication> =>
  (await app.call(`query ($id: ID!) { communication(id: $id) { ${fields} } }`, { id })).communication;
const upsert = async (input: object) =>
  await app.call('mutation ($input: UpsertCrmRecordsInput!) { upsertCrmRecords(input: $input) { inserted } }', { input });

beforeAll(async () => {
  await upsert({
    contacts: [
      {
        externalId: 'anna',
        name: 'Anna',
        preferredLanguage: 'el',
        emails: [{ address: 'anna@example.org' }],
        phones: [{ number: '+35799123456' }],
      },
    ],
    accounts: [{ externalId: 'a1', contact: 'anna', currency: 'EUR', balance: '5' }],
    objects: [
      { type: 'job', externalId: 'j1', contact: 'anna', number: 'J1', fields: { type: 'Visit' } },
      { type: 'job', externalId: 'j2', contact: 'anna', number: 'J2', fields: { type: 'Repair' } },
    ],
  });
  for (const [code, contactInbox] of [
    ['portal', true],
    ['gateway', false],
  ] as const) {
    const { createExternalSystem } = await app.call(
      'mutation ($input: CreateExternalSystemInput!) { createExternalSystem(input: $input) { externalSystem { id } } }',
      { input: { name: code, code, media: ['DEVICE', 'SMS'], contactInbox } },
    );
    systems[code] = createExternalSystem.externalSystem.id;
  }
});

test('a rejected one is tried again as a new one with the same text, to another address; the rejected one stays as it is', async () => {
  sink.answer = (to, stage) =>
    to === 'gone@example.org' && stage === 'RCPT TO' ? { kind: 'refuse', code: 550, text: 'no such user' } : { kind: 'accept' };
  const { id: file } = await upload(app, { name: 'a.pdf', type: 'application/pdf', bytes: pdf });
  const first = await create({
    medium: 'EMAIL',
    to: 'gone@example.org',
    subject: 'x',
    body: 'You owe #account.balance',
    attachmentIds: [file],
  });
  await eventually(async () => (await read(first.id)).state === 'REJECTED');
  await upsert({ accounts: [{ externalId: 'a1', balance: '99' }] });
  const before = await read(first.id);
  const again = await call('retryCommunication', { communicationId: first.id, to: 'anna@example.org' });
  expect(again).toMatchObject({
    to: 'anna@example.org',
    body: before.body,
    retryOf: { id: first.id, state: 'REJECTED' },
    attachments: [{ name: 'a.pdf' }],
  });
  expect(again.number).not.toBe(first.number);
  await eventually(async () => (await read(again.id)).state === 'COMPLETED');
  expect(sink.arrived.at(-1)?.mail.attachments).toHaveLength(1);
  expect(await read(first.id)).toEqual({ ...before, retriedAs: { id: again.id } });
  expect(await refused('retryCommunication', { communicationId: first.id })).toEqual(['CONFLICT']);
  expect(await refused('retryCommunication', { communicationId: again.id })).toEqual(['INVALID_STATE_TRANSITION']);
});

test('of two who try again at the same time one learns of the other', async () => {
  const rejected = await create({ medium: 'EMAIL', externalSystemId: systems['gateway'], body: 'x' });
  expect(rejected.rejection.code).toBe('UNSUPPORTED_MEDIUM');
  const input = { communicationId: rejected.id, externalSystemId: null };
  const answers = await Promise.all([1, 2, 3].map(async () => await refused('retryCommunication', input)));
  expect(answers.map(([code]) => code ?? 'OK').toSorted()).toEqual(['CONFLICT', 'CONFLICT', 'OK']);
  expect(await app.sql('select count(*)::int as n from communication where retry_of is not null and external_system_id is null')).toEqual([
    { n: 2 },
  ]);
});

test('a retry asks again what the run of the rejected one asked: who has opted out since gets nothing', async () => {
  const rejected = await create({ medium: 'EMAIL', externalSystemId: systems['gateway'], body: 'x' });
  const [run] = await app.sql(`insert into run (scheduled_for, settings) values (now(), '{"applyDirectMarketing": true}') returning id`);
  const row = rejected.id.slice(4);
  await app.sql(`update communication set run_id = $1 where replace(id::text, '-', '') = $2`, [run?.['id'], row]);
  await app.sql('update contact set direct_marketing = false');
  const input = { communicationId: rejected.id, externalSystemId: null };
  expect(await refused('retryCommunication', input)).toEqual(['BAD_USER_INPUT', 'communicationId: OPTED_OUT']);
  await app.sql('update contact set direct_marketing = true');
  const again = await call('retryCommunication', { ...input, externalSystemId: undefined });
  const [kept] = await app.sql(`select run_id, consent_run_id from communication where replace(id::text, '-', '') = $1`, [
    again.id.slice(4),
  ]);
  expect(kept).toEqual({ run_id: null, consent_run_id: run?.['id'] });
});

test('E5x what waits is cancelled, leased by an external system or not; who held it learns of it', async () => {
  const waiting = await create({ medium: 'SMS', externalSystemId: systems['gateway'], body: 'x' });
  const { leaseQueueEntries } = await app.call(
    'mutation { leaseQueueEntries(input: { limit: 1 }) { entries { id lease { token } } } }',
    {},
    ['EXTERNAL_SYSTEM', 'gateway'],
  );
  const [leased] = leaseQueueEntries.entries;
  expect(leased.id).toBe(waiting.id);
  const cancelled = await call('cancelCommunication', { communicationId: waiting.id, reason: 'wrong amount' });
  expect(cancelled).toMatchObject({ state: 'REJECTED', rejection: { code: 'CANCELLED', message: 'Cancelled by agent: wrong amount' } });
  expect(await call('cancelCommunication', { communicationId: waiting.id })).toEqual(cancelled);
  const { completeQueueEntries } = await app.call(
    'mutation ($input: CompleteQueueEntriesInput!) { completeQueueEntries(input: $input) { results { error { code } } } }',
    { input: { entries: [{ id: waiting.id, leaseToken: leased.lease.token }] } },
    ['EXTERNAL_SYSTEM', 'gateway'],
  );
  expect(completeQueueEntries.results).toEqual([{ error: { code: 'INVALID_STATE_TRANSITION' } }]);
  expect(await app.sql(`select from queue_entry where replace(id::text, '-', '') = $1`, [waiting.id.slice(4)])).toHaveLength(0);
});

test('E5x what the engine is sending at this moment is not cancelled, and what has left is not called back', async () => {
  let go = (): void => undefined;
  const until = new Promise<void>((resume) => (go = resume));
  sink.answer = (_to, stage) => (stage === 'DATA' ? { kind: 'wait', until } : { kind: 'accept' });
  const mail = await create({ medium: 'EMAIL', subject: 'slow', body: 'x' });
  await eventually(
    async () =>
      (await app.sql(`select from queue_entry where replace(id::text, '-', '') = $1 and lease_token is not null`, [mail.id.slice(4)]))
        .length,
  );
  expect(await refused('cancelCommunication', { communicationId: mail.id })).toEqual(['CONFLICT']);
  go();
  await eventually(async () => (await read(mail.id)).state === 'COMPLETED');
  sink.answer = () => ({ kind: 'accept' });
  expect(await refused('cancelCommunication', { communicationId: mail.id })).toEqual(['INVALID_STATE_TRANSITION']);
  const call2 = await create({ medium: 'PHONE', body: 'x' });
  expect(await refused('cancelCommunication', { communicationId: call2.id })).toEqual(['INVALID_STATE_TRANSITION']);
  expect(await refused('cancelCommunication', { communicationId: 'com_00000000000000000000000000000000' })).toEqual(['NOT_FOUND']);
});

test('E5x XU9 what was sent to an inbox is taken out of it on every device, waiting or completed', async () => {
  const me: ['CONTACT', string] = ['CONTACT', 'anna'];
  const phone = await subscribe(app, 'subscription { inboxChanged { kind entryId } }', {}, me);
  await phone.until((each) => each.kind === 'SYNCED');
  const waiting = await create({ medium: 'DEVICE', externalSystemId: systems['portal'], body: 'one' });
  const read1 = await create({ medium: 'DEVICE', externalSystemId: systems['portal'], body: 'two' });
  await app.call(
    'mutation ($id: ID!) { completeQueueEntries(input: { entries: [{ id: $id }] }) { results { id } } }',
    { id: read1.id },
    me,
  );
  for (const { id } of [waiting, read1]) {
    await call('cancelCommunication', { communicationId: id });
    await phone.until((each) => each.kind === 'REMOVED' && each.entryId === id);
  }
  expect((await read(waiting.id)).state).toBe('REJECTED');
  expect((await read(read1.id)).state).toBe('COMPLETED');
  const { inbox } = await app.call('{ inbox { nodes { id } } }', {}, me);
  expect(inbox.nodes).toEqual([]);
  const { communication } = await app.call('query ($id: ID!) { communication(id: $id) { notes { nodes { author body } } } }', {
    id: read1.id,
  });
  expect(communication.notes.nodes).toEqual([{ author: 'agent', body: 'Taken out of the inbox.' }]);
  expect(phone.events.filter((each) => each.kind === 'REMOVED')).toHaveLength(2);
  await phone.close();
});

test('E13x a test goes to the address given, as that contact would get it, byte for byte as previewed, and in no run', async () => {
  const body = '<p>Dear #contact.name, #job.type #param.word</p>';
  const content = [
    { language: 'en', subject: 'Test #job.number', body, format: 'HTML' },
    { language: 'el', subject: 'Δοκιμή #job.number', body: '<p>#contact.name #job.type</p>', format: 'HTML' },
  ];
  const as = { contactExternalId: 'anna', object: { type: 'job', externalId: 'j2' }, parameters: [{ name: 'word', value: 'a & b' }] };
  for (const language of ['en', null]) {
    const since = sink.arrived.length;
    const { previewContent } = await app.call(
      'query ($input: PreviewContentInput!) { previewContent(input: $input) { subject body text } }',
      {
        input: { content, language, ...as },
      },
    );
    const sent = await call('sendTest', { content, language, to: 'me@example.org', ...as }, 'ADMIN');
    expect(sent).toMatchObject({ origin: 'TEST', to: 'me@example.org', body: previewContent.body });
    const { mail, to } = await eventually(() => sink.arrived[since]);
    expect(to).toEqual(['me@example.org']);
    expect([mail.subject, mail.html?.trim(), mail.text?.trim()]).toEqual([
      previewContent.subject,
      previewContent.body,
      previewContent.text,
    ]);
  }
  expect(await app.sql(`select run_id from communication where origin = 'TEST' and run_id is not null`)).toHaveLength(0);
});

test('E13x a template is tested before it takes effect; what is wrong is said at once; agents test nothing', async () => {
  const { createTemplate } = await app.call(
    'mutation { createTemplate(input: { name: "Draft", medium: EMAIL, state: DRAFT, objectType: "job", content: [{ language: "en", subject: "s", body: "#job.number" }] }) { template { id } } }',
  );
  const input = { templateId: createTemplate.template.id, to: 'me@example.org', contactExternalId: 'anna' };
  expect((await call('sendTest', { ...input, object: { type: 'job', externalId: 'j1' } }, 'ADMIN')).body).toBe('J1');
  expect(await refused('sendTest', input)).toEqual(['FORBIDDEN']);
  const wrong = {
    ...input,
    to: 'me@example.org\r\nBcc: x@example.org',
    contactExternalId: 'nobody',
    medium: 'SMS',
    object: { type: 'account', externalId: 'a1' },
  };
  expect(await refused('sendTest', wrong, 'ADMIN')).toEqual([
    'BAD_USER_INPUT',
    'medium: WRONG_MEDIUM',
    'contactExternalId: UNKNOWN_CONTACT',
    'object.type: WRONG_OBJECT_TYPE',
    'to: INVALID_EMAIL',
  ]);
  expect(await refused('sendTest', { to: 'x', contactExternalId: 'anna' }, 'ADMIN')).toEqual(['BAD_USER_INPUT', ': EXACTLY_ONE']);
  const letter = [{ language: 'en', body: 'x' }];
  expect(await refused('sendTest', { content: letter, medium: 'LETTER', to: 'x', contactExternalId: 'anna' }, 'ADMIN')).toEqual([
    'BAD_USER_INPUT',
    'medium: NOT_QUEUED',
  ]);
});

test('what nobody carries is said: an SMS without an external system, where there is no provider for SMS', async () => {
  const warnings = async () => ((await (await fetch(`${app.url}/readyz`)).json()) as { warnings?: string[] }).warnings;
  expect(await warnings()).toBeUndefined();
  const sms = await create({ medium: 'SMS', body: 'x' });
  expect(await warnings()).toEqual([expect.stringMatching(/^1 SMS message waits and no provider carries SMS/)]);
  await call('cancelCommunication', { communicationId: sms.id });
  expect(await warnings()).toBeUndefined();
});
