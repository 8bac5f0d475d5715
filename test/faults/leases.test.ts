import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { eventually, openApp, type TestApp } from '../support/app.js';
import { subscribe } from '../support/live.js';
import { fill, type Leased, lease, makeSystem, type System, settle, stateOf } from '../support/queue.js';
import { openSink } from '../support/smtp-sink.js';
import { askedAt, type Program, startProgram } from './process.js';

const secret = 'a secret of the lease tests, long enough';
const app = await openApp({ env: { ROLE: 'api', SECRET_KEY: secret } });

/** One of each as a matter of course; more by hand: `TRIALS_PR4=10 TRIALS_PR9=100 npm run test:faults`. */
const trialsOf = (promise: 'PR4' | 'PR9') => Array.from({ length: Number(process.env[`TRIALS_${promise}`] ?? 1) }, (_, index) => index + 1);

test.each(trialsOf('PR4'))(
  'PR4 of three workers one is frozen past its leases and thawed: nobody gets a message twice, and nobody none (trial %i)',
  {
    timeout: 180_000,
  },
  async () => {
    await app.sql('truncate communication, queue_entry, entry_expiry, contact cascade');
    const recipients = 60;
    // Nobody is greeted before all three have taken their share.
    const { promise: greeted, resolve: greet } = Promise.withResolvers<void>();
    const sink = await openSink({ onConnect: (_session, done) => void greeted.then(() => done()) });
    const env = { DATABASE_URL: app.databaseUrl, SECRET_KEY: secret, ROLE: 'worker', DELIVERY_MODE: 'live', SMTP_URL: sink.url };
    const workers = await Promise.all([startProgram(env), startProgram(env), startProgram(env)]);
    onTestFinished(async () => {
      for (const { child } of workers) child.kill('SIGKILL');
      await sink.close();
    });
    await app.sql(
      `insert into contact (external_id, name, email) select 'K' || n, 'Contact ' || n, 'k' || n || '@example.org' from generate_series(1, $1::int) n`,
      [recipients],
    );
    for (let n = 1; n <= recipients; n++) {
      await app.call(
        'mutation ($to: String!) { createCommunication(input: { contactExternalId: $to, medium: EMAIL, subject: "S", body: "B" }) { communication { id } } }',
        { to: `K${n}` },
      );
    }
    const holders = async () =>
      (await app.sql(`select leased_by as by, count(*)::int as n from queue_entry where lease_token is not null group by 1`)) as {
        by: string;
        n: number;
      }[];
    await eventually(async () => (await holders()).length === 3, { withinMs: 20_000 });
    const frozen = workers.find(({ child }) => child.pid !== undefined);
    const pid = frozen?.child.pid ?? 0;
    const share = (await holders()).find(({ by }) => by.endsWith(` ${pid}`))?.n ?? 0;
    expect(share).toBeGreaterThan(0);
    process.kill(pid, 'SIGSTOP');
    greet();
    const open = async () => (await app.sql(`select 1 from communication where state = 'PENDING'`)).length;
    await eventually(async () => (await open()) <= share, { withinMs: 20_000 });
    // Its share is theirs once its leases have ended.
    await eventually(async () => (await open()) === 0, { withinMs: 60_000, everyMs: 250 });
    const tokens = await app.sql('select id, settled_token from communication order by id');
    process.kill(pid, 'SIGCONT');
    // It has come to itself when it does what it does every second, and ends orderly.
    await eventually(async () => (await fetch(`${frozen?.url}/readyz`).catch(() => undefined))?.ok, { withinMs: 20_000 });
    expect(await frozen?.kill('SIGTERM')).toBe(0);

    const perRecipient = Map.groupBy(sink.arrived, (each) => each.to[0] ?? '');
    expect(perRecipient.size).toBe(recipients);
    expect([...perRecipient].filter(([, mails]) => mails.length !== 1).map(([to]) => to)).toEqual([]);
    // What it would have written late was refused: each entry is settled by the lease that settled it then.
    expect(await app.sql('select id, settled_token from communication order by id')).toEqual(tokens);
    expect(await app.sql(`select state, count(*)::int as n from communication group by 1`)).toEqual([
      { state: 'COMPLETED', n: recipients },
    ]);
  },
);

test('PR9 a client that is killed with its leases: another gets the entries within lease + 1 s, each once, from another process; the late one is refused', {
  timeout: 100_000 + trialsOf('PR9').length * 20_000,
}, async () => {
  const env = { DATABASE_URL: app.databaseUrl, SECRET_KEY: secret, ROLE: 'api' };
  const apis = await Promise.all([startProgram(env), startProgram(env), startProgram(env)]);
  onTestFinished(() => {
    for (const { child } of apis) child.kill('SIGKILL');
  });
  const [first, second, third] = apis.map((each) => askedAt(app, each));
  if (!first || !second || !third) throw new Error('Three were started');
  for (const trial of trialsOf('PR9')) await killAndHandOn([first, second, third], trial);
});

async function killAndHandOn([first, second, third]: [TestApp, TestApp, TestApp], trial: number): Promise<void> {
  const system = await makeSystem(app, { name: `Killed ${trial}` });
  const ids = await fill(app, system, 100);
  const taken = await killedClient(first, system, 2);
  expect(taken.map((each) => each.id).toSorted()).toEqual(ids.toSorted());

  const came = new Map<string, { at: number; token: string }[]>();
  const other = await subscribe(
    second,
    'subscription { queueEntryLeased(maxInFlight: 1000) { id lease { token attempt } } }',
    {},
    system.as,
  );
  let noted = 0;
  await eventually(
    () => {
      for (; noted < other.events.length; noted++) {
        const { id, lease: of } = other.events[noted];
        came.set(id, [...(came.get(id) ?? []), { at: Date.now(), token: of.token }]);
      }
      return noted >= ids.length;
    },
    { withinMs: 10_000, everyMs: 5 },
  );
  for (const { id, lease: of } of taken) {
    const [again, ...more] = came.get(id) ?? [];
    expect(more).toEqual([]);
    const late = (again?.at ?? 0) - Date.parse(of.expiresAt);
    expect(late).toBeGreaterThanOrEqual(-50);
    expect(late).toBeLessThan(1_000);
  }
  const old = taken.map(({ id, lease: { token } }) => ({ id, leaseToken: token }));
  expect(new Set(await settle(third, system.as, 'complete', old))).toEqual(new Set(['CONFLICT']));
  const now = [...came].map(([id, [entry]]) => ({ id, leaseToken: entry?.token ?? '' }));
  expect(new Set(await settle(second, system.as, 'complete', now))).toEqual(new Set(['COMPLETED']));
  expect(new Set(await settle(third, system.as, 'complete', old))).toEqual(new Set(['CONFLICT']));
  expect((await stateOf(app, ids[0] ?? '')).state).toBe('COMPLETED');
  expect(await lease(third, system.as)).toEqual([]);
  await other.close();
}

test('PR4 PR9 three api and three worker processes at once: what a frozen one held is another’s, and thawed it hands out nothing stale', {
  timeout: 180_000,
}, async () => {
  await app.sql('truncate communication, queue_entry, entry_expiry, contact cascade');
  const env = { DATABASE_URL: app.databaseUrl, SECRET_KEY: secret };
  const programs: Program[] = [];
  onTestFinished(() => {
    for (const { child } of programs) child.kill('SIGKILL');
  });
  for (const ROLE of ['api', 'api', 'api', 'worker', 'worker', 'worker']) programs.push(await startProgram({ ...env, ROLE }));
  const [frozen, ...others] = programs.slice(0, 3);
  if (!frozen) throw new Error('Three were started');
  const system = await makeSystem(app, { name: 'Frozen' });
  const ids = await fill(app, system, 300);
  const query = 'subscription { queueEntryLeased(maxInFlight: 60, leaseSeconds: 3) { id lease { token attempt expiresAt } } }';
  const done = new Set<string>();
  const slow = await subscribe<Leased>(askedAt(app, frozen), query, {}, system.as);
  await eventually(() => slow.events.length === 60, { withinMs: 20_000, everyMs: 5 });
  process.kill(frozen.child.pid ?? 0, 'SIGSTOP');
  const workers = await Promise.all(others.map(async (each) => await subscribe<Leased>(askedAt(app, each), query, {}, system.as)));
  // The others settle whatever they get, among it all that the frozen one holds, once its leases have ended.
  const seen = [0, 0];
  await eventually(
    async () => {
      for (const [n, worker] of workers.entries()) {
        const fresh = worker.events.slice(seen[n]);
        seen[n] = worker.events.length;
        if (fresh.length === 0) continue;
        const outcome = await settle(
          app,
          system.as,
          'complete',
          fresh.map(({ id, lease: of }) => ({ id, leaseToken: of.token })),
        );
        for (const [index, { id }] of fresh.entries()) if (outcome[index] === 'COMPLETED') done.add(id);
      }
      return done.size === ids.length;
    },
    { withinMs: 60_000, everyMs: 5 },
  );
  const before = slow.events.length;
  process.kill(frozen.child.pid ?? 0, 'SIGCONT');
  const more = await fill(app, system, 20);
  await app.sql(`insert into change_outbox (kind, external_system_id) values ('queue.filled', $1)`, [system.row]);
  await eventually(
    () => [...slow.events, ...workers.flatMap((each) => each.events)].filter(({ id }) => more.includes(id)).length === more.length,
    { withinMs: 20_000 },
  );
  // Thawed, it hands out nothing of what others have done since.
  expect(slow.events.slice(before).filter(({ id }) => ids.includes(id))).toEqual([]);
  const late = slow.events.slice(0, before).map(({ id, lease: of }) => ({ id, leaseToken: of.token }));
  expect(new Set(await settle(app, system.as, 'complete', late))).toEqual(new Set(['CONFLICT']));
  expect(await frozen.kill('SIGTERM')).toBe(0);
});

/** A process of its own that leases what there is, and is killed while it holds it. */
async function killedClient({ url, token }: TestApp, { as }: System, leaseSeconds: number): Promise<Leased[]> {
  const query = `mutation { leaseQueueEntries(input: { limit: 1000, leaseSeconds: ${leaseSeconds} }) { entries { id lease { token expiresAt attempt } } } }`;
  const program = `
    const response = await fetch(process.env.URL + '/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer ' + process.env.TOKEN },
      body: JSON.stringify({ query: process.env.QUERY }),
    });
    process.stdout.write(await response.text() + '\\n');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, URL: url, TOKEN: await token(...as), QUERY: query },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.endsWith('\n')) break;
  }
  child.kill('SIGKILL');
  await once(child, 'exit').catch(() => undefined);
  return JSON.parse(text).data.leaseQueueEntries.entries;
}
