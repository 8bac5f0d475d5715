import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { publicId } from '../../src/graphql/node.js';
import { eventually, openApp, type TestApp } from '../support/app.js';
import { addEntriesSql, buildInboxes, type TestInbox } from '../support/inbox.js';
import { dial } from '../support/raw-socket.js';
import { type Program, startProgram } from './process.js';

/**
 * PR8 at its full scale, by hand: `TRIALS_PR8=10 npm run test:faults`, an hour on two quiet cores; `SCALE_PR8=0.1` does with a tenth of
 * the devices and events. Otherwise a few devices, on a machine that may be busy: how long things take is then nobody's concern.
 */
const byHand = process.env['TRIALS_PR8'] !== undefined;
const trials = Number(process.env['TRIALS_PR8'] ?? 1);
const scale = Number(process.env['SCALE_PR8'] ?? (byHand ? 1 : 0.04));
const devices = Math.round(200 * scale);
const events = Math.round(50_000 * scale);
const perBatch = 50;
const turns = 20;
const secret = 'a secret of the stalled tests, long enough';

test('PR8 one device that does not read, of some hundred: the server keeps its memory, the others their speed, and it loses nothing', {
  timeout: byHand ? trials * 3_600_000 : 120_000,
}, async () => {
  const app = await openApp({ env: { ROLE: 'api', SECRET_KEY: secret } });
  for (let trial = 1; trial <= trials; trial++) {
    const inbox = await buildInboxes(app, { body: 'x'.repeat(2_048), code: `portal-${trial}` });
    const program = await startProgram({ DATABASE_URL: app.databaseUrl, SECRET_KEY: secret, ROLE: 'api' });
    onTestFinished(() => void program.child.kill('SIGKILL'));
    const authorization = `Bearer ${await app.token('AGENT', 'stalled', '12h')}`;
    const healthy = await Promise.all(Array.from({ length: devices }, () => watch(program, authorization, inbox)));
    const stalled = await watch(program, authorization, inbox);
    stalled.socket.pause();

    // By turns with another that does not read, and without: an inbox that grows costs more by itself.
    const took = { beside: [] as number[], alone: [] as number[] };
    const written: string[] = [];
    let [before, peak] = [0, 0];
    for (let turn = 0; turn < turns; turn++) {
      const other = turn % 2 === 0 ? await watch(program, authorization, inbox, healthy[0]?.cursor()) : undefined;
      other?.socket.pause();
      const part = await traffic(app, inbox, healthy, events / turns);
      written.push(...part.written);
      other?.socket.terminate();
      // The first turn warms up.
      if (turn === 0) before = rssOf(program);
      else took[other ? 'beside' : 'alone'].push(...part.took);
      peak = Math.max(peak, rssOf(program));
      if (process.env['TALK_PR8']) console.info(`turn ${turn}: ${p99Of(part.took)} ms, ${Math.round((peak - before) / 1_048_576)} MB`);
    }
    const [alone, beside] = [p99Of(took.alone), p99Of(took.beside)];
    const grown = (peak - before) / 1_048_576;
    console.info(
      `PR8 trial ${trial}: ${devices} devices, ${written.length} events; p99 ${alone} ms alone, ${beside} ms beside a stalled one; memory +${grown.toFixed(1)} MB`,
    );
    expect(grown).toBeLessThan(64);
    if (byHand) expect(beside).toBeLessThan(Math.max(2 * alone, 50));
    expect(healthy.map((each) => each.closed())).toEqual(healthy.map(() => undefined));

    // It wakes up: what had left for it, then a code to come back with, and with its cursor the rest.
    stalled.socket.resume();
    await eventually(() => stalled.closed() !== undefined || stalled.ids.length === written.length, { withinMs: 120_000 });
    if (stalled.closed() !== undefined) {
      expect([1013, 1006]).toContain(stalled.closed());
      const again = await watch(program, authorization, inbox, stalled.cursor());
      stalled.ids.push(...again.ids);
      again.socket.close();
    }
    expect(stalled.ids).toEqual(written);
    expect(await program.kill('SIGTERM')).toBe(0);
  }
});

interface Device {
  readonly socket: Awaited<ReturnType<typeof dial>>['socket'];
  readonly ids: string[];
  closed(): number | undefined;
  cursor(): string | undefined;
}

const query =
  'subscription ($of: String, $after: String) { inboxChanged(contactExternalId: $of, after: $after) { kind cursor entryId entry { id state body } } }';

/** Reads the beginning of each message and no more: there are millions of them. From SYNCED on. */
async function watch(program: Program, authorization: string, inbox: TestInbox, after?: string): Promise<Device> {
  const line = await dial(program as unknown as TestApp, authorization);
  const ids: string[] = [];
  let cursor = after;
  let synced = false;
  line.socket.removeAllListeners('message');
  line.socket.on('message', (data: Buffer) => {
    const head = data.toString('latin1', 0, 300);
    const [, kind, at, id] = /"kind":"(\w+)","cursor":"([^"]+)","entryId":(?:"(\w+)")?/.exec(head) ?? [];
    if (!kind) return;
    cursor = at;
    if (kind === 'SYNCED') synced = true;
    if (kind === 'ADDED' && id && (synced || after)) ids.push(id);
  });
  line.send({ id: '1', type: 'subscribe', payload: { query, variables: { of: inbox.externalIds[0], after } } });
  await eventually(() => synced, { withinMs: 600_000 });
  return { socket: line.socket, ids, closed: line.closed, cursor: () => cursor };
}

/** Writes events and waits for the devices to have them, batch by batch; answers how long after the commit each had its batch, in milliseconds. */
async function traffic(app: TestApp, inbox: TestInbox, healthy: readonly Device[], count: number) {
  const took: number[] = [];
  const written: string[] = [];
  for (let done = 0; done < count; done += perBatch) {
    const rows = await app.sql<{ id: string }>(addEntriesSql, [inbox.contentId, inbox.systemId, inbox.contactIds[0], perBatch]);
    const from = performance.now();
    await app.sql(`select pg_notify('carillon_bell', 'changes')`);
    const batch = rows.map((each) => publicId('QueueEntry', each.id));
    written.push(...batch);
    const open = new Set(healthy);
    await eventually(
      () => {
        for (const each of open) {
          if (each.ids.length < batch.length) continue;
          took.push(performance.now() - from);
          expect(each.ids.splice(0)).toEqual(batch);
          open.delete(each);
        }
        return open.size === 0;
      },
      { withinMs: 120_000, everyMs: 1 },
    );
  }
  return { took, written };
}

function p99Of(took: readonly number[]): number {
  return Math.round(took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.99)] ?? 0);
}

function rssOf({ child }: Program): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024;
}
