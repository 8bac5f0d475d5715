import { expect, test } from 'vitest';
import { eventually, openApp } from '../support/app.js';
import { openSink } from '../support/smtp-sink.js';
import { startProgram } from './process.js';

const recipients = 2_000;

test('a run whose process is killed again and again repeats nobody and skips nobody', { timeout: 120_000 }, async () => {
  const sink = await openSink();
  const secret = 'a secret of the fault tests, long enough';
  // The API process stays; the workers that generate and send are killed.
  const app = await openApp({ env: { ROLE: 'api', SECRET_KEY: secret } });
  await app.sql(
    `insert into contact (external_id, name, email) select 'K' || n, 'Contact ' || n, 'k' || n || '@example.org' from generate_series(1, $1::int) n`,
    [recipients],
  );
  const { createSegment } = await app.call(
    'mutation { createSegment(input: { name: "All", condition: { field: "contact.name", operator: STARTS_WITH, value: "Contact" } }) { segment { id } } }',
  );
  const { createExternalSystem } = await app.call(
    'mutation { createExternalSystem(input: { name: "Portal", media: [DEVICE], contactInbox: true }) { externalSystem { id } } }',
  );
  const { createPlan } = await app.call('mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }', {
    input: {
      name: 'Killed',
      includeSegmentIds: [createSegment.segment.id],
      messages: [
        { medium: 'EMAIL', content: [{ language: 'en', subject: 'Hello', body: 'Dear #contact.name' }] },
        {
          medium: 'DEVICE',
          externalSystemId: createExternalSystem.externalSystem.id,
          content: [{ language: 'en', body: 'Dear #contact.name' }],
        },
      ],
    },
  });
  const { runPlan } = await app.call('mutation ($id: ID!) { runPlan(input: { planId: $id }) { run { id } } }', { id: createPlan.plan.id });
  const figures = async () =>
    (await app.call('query ($id: ID!) { run(id: $id) { state matched generated remaining completed pending } }', { id: runPlan.run.id }))
      .run;

  const env = { DATABASE_URL: app.databaseUrl, SECRET_KEY: secret, ROLE: 'worker', DELIVERY_MODE: 'live', SMTP_URL: sink.url };
  let kills = 0;
  for (; kills < 4; kills++) {
    const worker = await startProgram(env);
    await new Promise((done) => setTimeout(done, 150 + Math.random() * 900));
    await worker.kill('SIGKILL');
    const run = await figures();
    expect(run.generated + run.remaining).toBe(run.matched);
  }
  const worker = await startProgram(env);
  await eventually(async () => (await figures()).completed === recipients, { withinMs: 90_000, everyMs: 250 });
  expect(await worker.kill('SIGTERM')).toBe(0);

  // Counted outside: at the mail server, and in the rows by contact.
  const perRecipient = new Map<string, Set<string>>();
  let mails = 0;
  for (const { to, mail } of sink.arrived) {
    mails += 1;
    perRecipient.set(to[0] ?? '', (perRecipient.get(to[0] ?? '') ?? new Set()).add(mail.messageId ?? ''));
  }
  expect(perRecipient.size).toBe(recipients);
  // What was in flight at a kill may have come twice, under the same Message-ID; nothing else.
  expect([...perRecipient.values()].filter((each) => each.size !== 1)).toEqual([]);
  expect(mails - recipients).toBeLessThanOrEqual(kills * 50);
  expect(await figures()).toEqual({
    state: 'COMPLETED',
    matched: recipients * 2,
    generated: recipients * 2,
    remaining: 0,
    completed: recipients,
    pending: recipients,
  });
  const [rows] = await app.sql('select count(*)::int as rows, count(distinct (contact_id, medium))::int as pairs from communication');
  expect(rows).toEqual({ rows: recipients * 2, pairs: recipients * 2 });
});
