import { describe, expect, onTestFinished, test } from 'vitest';
import type { Outcome } from '../../src/delivery/provider.js';
import { smtpProvider } from '../../src/delivery/providers/smtp.js';
import { eventually } from '../support/app.js';
import { buildContact, buildContent, buildEntry } from '../support/build.js';
import { log, openDelivery, scripted } from '../support/delivery.js';
import { openSink } from '../support/smtp-sink.js';

const delivery = await openDelivery();
const { app, start, stateOf, entryOf, settled, completed, buildEntries } = delivery;

describe('a worker that stands still', () => {
  /** A server that greets nobody before it is told to, as a frozen worker would hear it; `closed` counts the connections that ended. */
  async function reserved() {
    const { promise: greeted, resolve: greet } = Promise.withResolvers<void>();
    let closed = 0;
    const sink = await openSink({
      onConnect: (_session, done) => void greeted.then(() => done()),
      onClose() {
        closed += 1;
      },
    });
    const smtp = smtpProvider({ url: sink.url, from: 'Example TV <news@example.com>', log });
    onTestFinished(async () => {
      await smtp.close();
      await sink.close();
    });
    return { sink, smtp, greet, closed: () => closed };
  }
  const attemptsOf = async (id: string) => (await entryOf(id))?.attempts ?? 0;
  const ended = async (id: string) =>
    await eventually(async () => (await app.sql('select from queue_entry where id = $1 and due_at <= clock_timestamp()', [id])).length > 0);

  test('PR4 does not hand over what has become another’s meanwhile', async () => {
    const { sink, smtp, greet, closed } = await reserved();
    const { id } = await buildEntry(app);
    start({ leaseSeconds: 4, extendEveryMs: 3_600_000, pollMs: 3_600_000 }, [smtp], 'still');
    await eventually(async () => (await attemptsOf(id)) === 1);
    await ended(id);
    start({}, [delivery.smtp], 'other');
    await settled(id);
    greet();
    await eventually(() => closed() === 1);
    expect(sink.arrived).toEqual([]);
    expect(delivery.sink.arrived).toHaveLength(1);
    expect(await stateOf(id)).toMatchObject({ state: 'COMPLETED' });
  });

  test('PR4 sends what it has leased again once: what was under way from before is let go', async () => {
    const { sink, smtp, greet } = await reserved();
    const { id } = await buildEntry(app);
    start({ leaseSeconds: 4, extendEveryMs: 3_600_000 }, [smtp], 'still');
    await eventually(async () => (await attemptsOf(id)) >= 2);
    greet();
    await settled(id);
    // A connection that would bring another one is gone by the time that the next message is there.
    const next = await buildEntry(app, { communication: { address: 'next@example.org' } });
    await settled(next.id);
    expect(sink.arrived.map((each) => each.mail.messageId)).toEqual(
      [id, next.id].map((each) => `<com_${each.replaceAll('-', '')}@example.com>`),
    );
  });
});

describe('sending', () => {
  test('Q4 Q6 Q20 a waiting e-mail is sent and becomes COMPLETED', async () => {
    const contact = await buildContact(app, { name: 'Ελένη', email: 'eleni@example.org' });
    const content = await buildContent(app, { subject: 'Γειά', body: '<p>Γειά <b>σου</b></p>', format: 'HTML' });
    const { id } = await buildEntry(app, { contact, content });
    start();
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'COMPLETED', provider_id: expect.any(String) });
    expect(await entryOf(id)).toBeUndefined();
    expect(delivery.sink.arrived[0]?.mail).toMatchObject({ subject: 'Γειά', to: [{ name: 'Ελένη', address: 'eleni@example.org' }] });
    expect(delivery.sink.arrived[0]?.mail.html).toContain('<b>σου</b>');
    expect(delivery.sink.arrived[0]?.mail.text).toContain('Γειά σου');
    expect(delivery.sink.arrived[0]?.mail.messageId).toBe(`<com_${id.replaceAll('-', '')}@example.com>`);
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
    start();
    start({}, [delivery.smtp], 'other');
    await eventually(async () => (await app.sql('select from queue_entry')).length === 0, { withinMs: 20_000 });
    expect(new Set(delivery.sink.arrived.map((each) => each.to[0])).size).toBe(count);
    expect(delivery.sink.arrived).toHaveLength(count);
    expect(await completed()).toBe(count);
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
  });
});

describe('what the outside answers', () => {
  test('"later" is tried again until it is taken', async () => {
    let refusals = 2;
    delivery.sink.answer = (_to, stage) =>
      stage === 'DATA' && refusals-- > 0 ? { kind: 'refuse', code: 451, text: 'greylisted' } : { kind: 'accept' };
    const { id } = await buildEntry(app);
    start();
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'COMPLETED' });
    expect(delivery.sink.arrived).toHaveLength(1);
  });

  test('M10 Q14 "later" for ever is REJECTED after the last try, with the last answer', async () => {
    delivery.sink.answer = (_to, stage) => (stage === 'RCPT TO' ? { kind: 'refuse', code: 450, text: 'mailbox busy' } : { kind: 'accept' });
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
    delivery.sink.answer = (_to, stage) => (stage === 'RCPT TO' ? { kind: 'refuse', code: 450, text: 'mailbox busy' } : { kind: 'accept' });
    const { id } = await buildEntry(app);
    start({ backoffBaseMs: 60_000, backoffCapMs: 60_000 });
    await eventually(async () => (await entryOf(id))?.last_error === '450 mailbox busy');
    expect(await entryOf(id)).toMatchObject({ lease_token: null, attempts: 1 });
  });

  test('C28 a refusal for good is REJECTED at once, in the server’s words', async () => {
    delivery.sink.answer = (_to, stage) =>
      stage === 'RCPT TO' ? { kind: 'refuse', code: 550, text: '5.1.1 no such user' } : { kind: 'accept' };
    const { id } = await buildEntry(app);
    start();
    await settled(id);
    expect(await stateOf(id)).toMatchObject({ state: 'REJECTED', code: 'PROVIDER_REFUSED', message: '550 5.1.1 no such user' });
    expect(delivery.sink.connections()).toBe(1);
  });

  test('in doubt is marked, and sent again with the same Message-ID', async () => {
    delivery.sink.answer = (_to, stage) => (stage === 'DATA' && delivery.sink.arrived.length === 0 ? { kind: 'drop' } : { kind: 'accept' });
    const { id } = await buildEntry(app);
    start({ backoffBaseMs: 500, backoffCapMs: 500 });
    await eventually(async () => (await entryOf(id))?.last_error?.startsWith('IN_DOUBT: ') || delivery.sink.arrived.length === 2);
    await settled(id);
    expect(delivery.sink.arrived).toHaveLength(2);
    expect(new Set(delivery.sink.arrived.map((each) => each.mail.messageId)).size).toBe(1);
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

describe('stopping', () => {
  test('what is being sent ends well, and the rest goes back untried', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = scripted(async () => {
      await gate.promise;
      return { kind: 'sent' };
    }, 2);
    const entries = await buildEntries(10);
    const loop = start({}, [slow]);
    await eventually(() => slow.given.length === 2);
    const stopped = loop.stop();
    gate.resolve();
    await stopped;
    expect(await completed()).toBe(2);
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
