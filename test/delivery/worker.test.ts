import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Pace } from '../../src/delivery/pace.js';
import type { Outcome, OutgoingMessage, Provider } from '../../src/delivery/provider.js';
import { smtpProvider } from '../../src/delivery/providers/smtp.js';
import { startDelivery } from '../../src/delivery/worker.js';
import type { Loop } from '../../src/loop.js';
import { eventually, openApp } from '../support/app.js';
import { buildContact, buildContent, buildEntry } from '../support/build.js';
import { openSink, type Sink } from '../support/smtp-sink.js';

// Without a worker of its own: each test starts one, at its own pace.
const app = await openApp({ env: { ROLE: 'api' } });
const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' });

const fast: Partial<Pace> = { pollMs: 20, backoffBaseMs: 20, backoffCapMs: 50, pauseBaseMs: 100, pauseCapMs: 400, closeWaitMs: 2_000 };

let sink: Sink;
let smtp: Provider;
let worker: Loop | undefined;

beforeEach(async () => {
  sink = await openSink();
  smtp = smtpProvider({ url: sink.url, from: 'Example TV <news@example.com>', log });
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await smtp.close();
  await sink.close();
  await app.sql('truncate communication, queue_entry, entry_expiry, run, plan, change_outbox cascade');
});

function start(pace: Partial<Pace> = {}, providers: Provider[] = [smtp], holder = 'test'): Loop {
  worker = startDelivery({ log, open: () => app.context(), providers, holder, pace: { ...fast, ...pace } });
  return worker;
}

async function stateOf(id: unknown) {
  const [row] = await app.sql(
    'select state, rejection_code as code, rejection_message as message, provider_id from communication where id = $1',
    [id],
  );
  return row as { state: string; code: string | null; message: string | null; provider_id: string | null };
}

async function entryOf(id: unknown) {
  const [row] = await app.sql(
    'select attempts, lease_token, last_error, due_at <= clock_timestamp() as due from queue_entry where id = $1',
    [id],
  );
  return row as { attempts: number; lease_token: string | null; last_error: string | null; due: boolean } | undefined;
}

async function settled(id: unknown): Promise<void> {
  await eventually(async () => (await stateOf(id)).state !== 'PENDING');
}

/** Until what was checked before this call is too old to be sent without another look. */
async function aged(): Promise<void> {
  const from = Date.now();
  await eventually(() => Date.now() - from > 30);
}

/** A provider that answers as told, and remembers what it was given. */
function scripted(answer: (message: OutgoingMessage, signal: AbortSignal) => Promise<Outcome> | Outcome, concurrency = 10) {
  const given: string[] = [];
  const provider: Provider & { given: string[] } = {
    name: 'scripted',
    media: ['EMAIL'],
    concurrency,
    given,
    async send(message, signal) {
      given.push(message.to);
      return await answer(message, signal);
    },
    close: async () => undefined,
  };
  return provider;
}

describe('sending', () => {
  test('a waiting e-mail is sent and becomes COMPLETED', async () => {
    const contact = await buildContact(app, { name: 'Ελένη', email: 'eleni@example.org' });
    const content = await buildContent(app, { subject: 'Γειά', body: '<p>Γειά <b>σου</b></p>', format: 'HTML' });
    const { id } = await buildEntry(app, { contact, content });
    start();
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'COMPLETED', provider_id: expect.any(String) });
    expect(await entryOf(id)).toBeUndefined();
    expect(sink.arrived[0]?.mail).toMatchObject({ subject: 'Γειά', to: [{ name: 'Ελένη', address: 'eleni@example.org' }] });
    expect(sink.arrived[0]?.mail.html).toContain('<b>σου</b>');
    expect(sink.arrived[0]?.mail.text).toContain('Γειά σου');
    expect(sink.arrived[0]?.mail.messageId).toBe(`<com_${id.replaceAll('-', '')}@example.com>`);
  });

  test('hundreds leave once each, by two workers together', async () => {
    const content = await buildContent(app);
    const contact = await buildContact(app);
    const count = 400;
    await app.sql(
      `with made as (
         insert into communication (contact_id, medium, origin, state, address, content_id, language)
         select $1, 'EMAIL', 'MANUAL', 'PENDING', 'c' || n || '@example.org', $2, 'en' from generate_series(1, $3) n returning id, seq
       ) insert into queue_entry (id, seq, medium) select id, seq, 'EMAIL' from made`,
      [contact.id, content.id, count],
    );
    const other = startDelivery({ log, open: () => app.context(), providers: [smtp], holder: 'other', pace: fast });
    start();
    await eventually(async () => (await app.sql('select from queue_entry')).length === 0, { withinMs: 20_000 });
    await other.stop();
    expect(new Set(sink.arrived.map((each) => each.to[0])).size).toBe(count);
    expect(sink.arrived).toHaveLength(count);
    expect(await app.sql(`select from communication where state = 'COMPLETED'`)).toHaveLength(count);
  });

  test('media without a provider wait', async () => {
    const content = await buildContent(app, { body: 'Hi' }, { medium: 'SMS' });
    const sms = await buildEntry(app, { content });
    const mail = await buildEntry(app);
    start();
    await settled(mail.id);
    expect(await entryOf(sms.id)).toMatchObject({ attempts: 0, lease_token: null });
  });

  test('entries of external systems are not ours to send', async () => {
    const [system] = await app.sql(`insert into external_system (name, code, media) values ('Portal', 'portal', '{EMAIL}') returning id`);
    const theirs = await buildEntry(app, { communication: { external_system_id: system?.['id'] } });
    const ours = await buildEntry(app);
    start();
    await settled(ours.id);
    expect(await stateOf(theirs.id)).toMatchObject({ state: 'PENDING' });
    await app.sql('truncate external_system cascade');
  });
});

describe('what the outside answers', () => {
  test('"later" is tried again until it is taken', async () => {
    let refusals = 2;
    sink.answer = (_to, stage) =>
      stage === 'DATA' && refusals-- > 0 ? { kind: 'refuse', code: 451, text: 'greylisted' } : { kind: 'accept' };
    const { id } = await buildEntry(app);
    start();
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'COMPLETED' });
    expect(sink.arrived).toHaveLength(1);
  });

  test('"later" for ever is REJECTED after the last try, with the last answer', async () => {
    sink.answer = (_to, stage) => (stage === 'RCPT TO' ? { kind: 'refuse', code: 450, text: 'mailbox busy' } : { kind: 'accept' });
    const { id } = await buildEntry(app);
    start({ attempts: 3 });
    await settled(id);
    expect(await stateOf(id)).toMatchObject({
      state: 'REJECTED',
      code: 'PROVIDER_REFUSED',
      message: 'Given up after 3 tries; the last one: 450 mailbox busy',
    });
  });

  test('a waiting retry says why', async () => {
    sink.answer = (_to, stage) => (stage === 'RCPT TO' ? { kind: 'refuse', code: 450, text: 'mailbox busy' } : { kind: 'accept' });
    const { id } = await buildEntry(app);
    start({ backoffBaseMs: 60_000, backoffCapMs: 60_000 });
    await eventually(async () => (await entryOf(id))?.last_error === '450 mailbox busy');
    expect(await entryOf(id)).toMatchObject({ lease_token: null, attempts: 1 });
  });

  test('a refusal for good is REJECTED at once, in the server’s words', async () => {
    sink.answer = (_to, stage) => (stage === 'RCPT TO' ? { kind: 'refuse', code: 550, text: '5.1.1 no such user' } : { kind: 'accept' });
    const { id } = await buildEntry(app);
    start();
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'REJECTED', code: 'PROVIDER_REFUSED', message: '550 5.1.1 no such user' });
    expect(sink.connections()).toBe(1);
  });

  test('in doubt is marked, and sent again with the same Message-ID', async () => {
    sink.answer = (_to, stage) => (stage === 'DATA' && sink.arrived.length === 0 ? { kind: 'drop' } : { kind: 'accept' });
    const { id } = await buildEntry(app);
    start({ backoffBaseMs: 500, backoffCapMs: 500 });
    await eventually(async () => (await entryOf(id))?.last_error?.startsWith('IN_DOUBT: ') || sink.arrived.length === 2);
    await settled(id);
    expect(sink.arrived).toHaveLength(2);
    expect(new Set(sink.arrived.map((each) => each.mail.messageId)).size).toBe(1);
  });

  test('a provider that throws is taken as in doubt, and rejected so when it goes on', async () => {
    const thrower = scripted(() => {
      throw new Error('a bug');
    });
    const { id } = await buildEntry(app);
    start({ attempts: 2 }, [thrower]);
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'REJECTED', code: 'IN_DOUBT', message: expect.stringContaining('a bug') });
  });
});

describe('looking again before sending', () => {
  test('an expired entry is never sent', async () => {
    const { id } = await buildEntry(app, { communication: { expires_at: new Date(Date.now() - 1_000) } });
    const live = await buildEntry(app);
    start();
    await settled(live.id);
    expect(sink.arrived).toHaveLength(1);
    expect(await entryOf(id)).toMatchObject({ attempts: 0 });
  });

  test('an entry that expires while it is leased and waits is REJECTED as EXPIRED', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = scripted(async () => {
      await gate.promise;
      return { kind: 'sent' };
    }, 1);
    const ahead = await buildEntry(app);
    const { id } = await buildEntry(app, { communication: { expires_at: new Date(Date.now() + 600) } });
    start({ checkValidMs: 30 }, [slow]);
    await eventually(async () => (await entryOf(id))?.lease_token);
    await eventually(
      async () => (await app.sql('select from queue_entry where id = $1 and expires_at < clock_timestamp()', [id])).length === 1,
    );
    await aged();
    gate.resolve();
    await settled(ahead.id);
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'REJECTED', code: 'EXPIRED' });
    expect(slow.given).toHaveLength(1);
  });

  test('an entry without an address is REJECTED', async () => {
    const { id } = await buildEntry(app, { communication: { address: null } });
    start();
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'REJECTED', code: 'NO_ADDRESS' });
  });

  test.each([
    ['direct_marketing', 'apply_direct_marketing', true],
    ['affiliate_marketing', 'apply_affiliate_marketing', true],
    ['affiliate_marketing', 'apply_direct_marketing', false],
  ])('an opt-out of %s counts for a plan with %s until the last moment', async (switchedOff, applied, refused) => {
    const [plan] = await app.sql(
      `insert into plan (name, code, include_segment_ids, ${applied}) values ('P', 'p', '{}', true) returning id`,
    );
    const [run] = await app.sql('insert into run (plan_id) values ($1) returning id', [plan?.['id']]);
    const contact = await buildContact(app);
    const { id } = await buildEntry(app, { contact, communication: { run_id: run?.['id'] } });
    await app.sql(`update contact set ${switchedOff} = false where id = $1`, [contact.id]);
    start();
    await settled(id);
    expect(await stateOf(id)).toMatchObject(refused ? { state: 'REJECTED', code: 'OPTED_OUT' } : { state: 'COMPLETED' });
    expect(sink.arrived).toHaveLength(refused ? 0 : 1);
  });

  test('an opt-out counts for entries that are leased and wait behind slow ones', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = scripted(async () => {
      await gate.promise;
      return { kind: 'sent' };
    }, 1);
    const [plan] = await app.sql(
      `insert into plan (name, code, include_segment_ids, apply_direct_marketing) values ('P', 'p', '{}', true) returning id`,
    );
    const [run] = await app.sql('insert into run (plan_id) values ($1) returning id', [plan?.['id']]);
    const contact = await buildContact(app, { email: 'second@example.org' });
    const ahead = await buildEntry(app);
    const { id } = await buildEntry(app, { contact, communication: { run_id: run?.['id'] } });
    start({ checkValidMs: 30 }, [slow]);
    await eventually(async () => slow.given.length === 1 && (await entryOf(id))?.lease_token);
    await app.sql('update contact set direct_marketing = false where id = $1', [contact.id]);
    await aged();
    gate.resolve();
    await settled(ahead.id);
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'REJECTED', code: 'OPTED_OUT' });
    expect(slow.given).not.toContain('second@example.org');
  });
});

describe('one bad entry', () => {
  test('an entry that cannot be rendered is REJECTED and holds nobody up', async () => {
    const broken = await buildContent(app, undefined, { texts: JSON.stringify({ en: null }), languages: [] });
    const poison = await buildEntry(app, { content: broken, entry: { priority: 1 } });
    const others = await Promise.all(Array.from({ length: 20 }, async () => await buildEntry(app)));
    start();
    for (const { id } of others) await settled(id);
    await settled(poison.id);
    expect(await stateOf(poison.id)).toMatchObject({ state: 'REJECTED', code: 'RENDER_FAILED' });
    expect(sink.arrived).toHaveLength(20);
  });

  test('an entry whose send hangs takes one slot, and is in doubt in the end', async () => {
    const hung = scripted(async (message) =>
      message.to === 'hang@example.org' ? await new Promise<Outcome>(() => undefined) : { kind: 'sent' },
    );
    const poison = await buildEntry(app, { communication: { address: 'hang@example.org' }, entry: { priority: 1 } });
    const others = await Promise.all(Array.from({ length: 50 }, async () => await buildEntry(app)));
    start({ sendTimeoutMs: 1_500, attempts: 1 }, [hung]);
    for (const { id } of others) await settled(id);
    expect(await stateOf(poison.id)).toMatchObject({ state: 'PENDING' });
    await settled(poison.id);
    expect(await stateOf(poison.id)).toMatchObject({ state: 'REJECTED', code: 'IN_DOUBT' });
  });
});

describe('a provider that is away', () => {
  test('is left alone, costs no entry a try, and gets everything once it is back', async () => {
    let away = true;
    const flaky = scripted(() => (away ? { kind: 'retry', reason: 'connection refused', away: true } : { kind: 'sent' }));
    const entries = await Promise.all(Array.from({ length: 40 }, async () => await buildEntry(app)));
    start({ attempts: 1 }, [flaky]);
    await eventually(() => flaky.given.length >= 13);
    // What was under way when it opened, then one probe at a time.
    expect(flaky.given.length).toBeLessThan(25);
    away = false;
    for (const { id } of entries) await settled(id);
    expect(await app.sql(`select from communication where state = 'COMPLETED'`)).toHaveLength(40);
  });

  test('a real server that is down and comes back gets every message once', async () => {
    const { port } = sink;
    await sink.close();
    const entries = await Promise.all(Array.from({ length: 15 }, async () => await buildEntry(app)));
    start({ attempts: 1 });
    await eventually(async () => (await app.sql(`select from queue_entry where last_error like '%ECONNREFUSED%'`)).length > 0);
    sink = await openSink({ port });
    for (const { id } of entries) await settled(id);
    expect(sink.arrived).toHaveLength(15);
  });
});

describe('leases', () => {
  test('a lease is extended while its message is being sent', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = scripted(async () => {
      await gate.promise;
      return { kind: 'sent' };
    });
    const { id } = await buildEntry(app);
    start({ leaseSeconds: 3, extendEveryMs: 50 }, [slow]);
    await eventually(() => slow.given.length === 1);
    const dueAt = async () => (await app.sql('select due_at from queue_entry where id = $1', [id]))[0]?.['due_at'] as Date;
    const before = await dueAt();
    await eventually(async () => (await dueAt()) > before);
    gate.resolve();
    await settled(id);
    expect(slow.given).toHaveLength(1);
  });

  test('an entry that another worker has taken meanwhile is not sent', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = scripted(async () => {
      await gate.promise;
      return { kind: 'sent' };
    }, 1);
    const ahead = await buildEntry(app);
    const { id } = await buildEntry(app, { communication: { address: 'taken@example.org' } });
    start({ checkValidMs: 30 }, [slow]);
    await eventually(async () => slow.given.length === 1 && (await entryOf(id))?.lease_token);
    await app.sql(`update queue_entry set lease_token = gen_random_uuid(), due_at = clock_timestamp() + interval '1 hour' where id = $1`, [
      id,
    ]);
    await aged();
    gate.resolve();
    await settled(ahead.id);
    await worker?.stop();
    expect(slow.given).toEqual(['anna@example.org']);
    expect(await entryOf(id)).toMatchObject({ lease_token: expect.any(String) });
  });
});

describe('stopping', () => {
  test('what is being sent ends well, and the rest goes back untried', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = scripted(async () => {
      await gate.promise;
      return { kind: 'sent' };
    }, 2);
    const entries = await Promise.all(Array.from({ length: 10 }, async () => await buildEntry(app)));
    const loop = start({}, [slow]);
    await eventually(() => slow.given.length === 2);
    const stopped = loop.stop();
    gate.resolve();
    await stopped;
    expect(await app.sql(`select from communication where state = 'COMPLETED'`)).toHaveLength(2);
    const rest = await app.sql('select attempts, lease_token, due_at <= clock_timestamp() as due from queue_entry');
    expect(rest).toEqual(Array(entries.length - 2).fill({ attempts: 0, lease_token: null, due: true }));
  });

  test('what does not end in time is in doubt, and said so', async () => {
    const deaf = scripted(async () => await new Promise<Outcome>(() => undefined));
    const { id } = await buildEntry(app);
    const loop = start({ closeWaitMs: 50 }, [deaf]);
    await eventually(() => deaf.given.length === 1);
    await loop.stop();
    expect(await entryOf(id)).toMatchObject({ lease_token: null, last_error: expect.stringMatching(/^IN_DOUBT: /) });
  });
});
