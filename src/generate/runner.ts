import { randomUUID } from 'node:crypto';
import { engine } from '../access/viewer.js';
import { withCatalogue } from '../catalogue/current.js';
import { appendChanges } from '../changes/append.js';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { CallerError } from '../errors.js';
import { isAway } from '../graphql/errors.js';
import { transact } from '../graphql/request.js';
import { type Loop, startLoop } from '../loop.js';
import { generateChunk } from './chunk.js';
import { match, type Recipients } from './match.js';
import { type Cause, causeColumns, type FrozenRun, type RunMessage, type RunSettings, type RunState } from './run.js';

/** A run as its worker sees it. */
export interface ClaimedRun extends Cause {
  id: string;
  state: RunState;
  /** Null before it has started. */
  messages: RunMessage[] | null;
  settings: RunSettings | null;
}

/** What a cause says of its run when it starts. */
export interface Prepared {
  recipients: Recipients;
  messages: RunMessage[];
  settings: RunSettings;
}

/** A kind of cause. Throws a CallerError where the run cannot take place: it is FAILED with its words. */
export interface RunSource {
  prepare(ctx: Context, run: ClaimedRun): Promise<Prepared>;
}

export interface RunnerOptions {
  log: Context['log'];
  open: Context['open'];
  sources: (run: ClaimedRun) => RunSource;
}

/** A worker that dies gives its run up this much later; each chunk is far shorter. */
const claimSeconds = 10;
const pollMs = 1_000;

/** Turns runs into communications, chunk by chunk. Killed at any instant, another worker goes on where the last chunk was committed. */
export function startRunner({ log, open, sources }: RunnerOptions): Loop {
  const worker = randomUUID();
  let stopping = false;
  const loop = startLoop({
    name: 'runs',
    log,
    everyMs: pollMs,
    async round() {
      const run = await claim(open(engine), worker);
      if (!run) return false;
      try {
        await withCatalogue(open(engine), async () => await carryOut(open, worker, run, sources(run), () => stopping));
      } catch (error) {
        if (isAway(error)) throw error;
        // Tried again, it would fail again, and stand in the way of every other run.
        if (!(error instanceof CallerError)) log.error({ err: error, runId: run.id }, 'a run failed');
        await fail(open(engine), run, error instanceof CallerError ? error.message : 'Something went wrong on our side; the log has it.');
      }
      return !stopping;
    },
  });
  return {
    ring: () => loop.ring(),
    async stop() {
      stopping = true;
      await loop.stop();
    },
  };
}

async function claim(ctx: Context, worker: string): Promise<ClaimedRun | undefined> {
  return await first<ClaimedRun>(
    ctx,
    `update run set claimed_by = $1, claimed_until = clock_timestamp() + make_interval(secs => ${claimSeconds}) where id = (
       select id from run where state in ('SCHEDULED', 'RUNNING') and scheduled_for <= clock_timestamp()
         and (claimed_until is null or claimed_until < clock_timestamp() or claimed_by = $1)
       order by scheduled_for limit 1 for update skip locked
     ) returning id, ${causeColumns('run')}, state, messages, settings`,
    [worker],
  );
}

async function carryOut(
  open: Context['open'],
  worker: string,
  claimed: ClaimedRun,
  source: RunSource,
  stopping: () => boolean,
): Promise<void> {
  const { id, messages, settings } = claimed;
  const run =
    messages && settings ? { id, messages, settings } : await transact(open(engine), (ctx) => begin(ctx, worker, claimed, source));
  if (!run) return;
  for (let more = true; more && !stopping(); ) {
    more = await transact(open(engine), async (ctx) => {
      if (!(await hold(ctx, worker, run.id))) return false;
      return await generateChunk(ctx, run);
    });
  }
  if (stopping()) await rows(open(engine), 'update run set claimed_until = null where id = $1 and claimed_by = $2', [run.id, worker]);
}

/** Matches, and freezes what is sent, in one transaction: a run has met everybody or nobody. */
async function begin(ctx: Context, worker: string, run: ClaimedRun, source: RunSource): Promise<FrozenRun | undefined> {
  if (!(await hold(ctx, worker, run.id))) return undefined;
  const { recipients, messages, settings } = await source.prepare(ctx, run);
  const { total, eligible, skipped } = await match(ctx, run.id, recipients, messages, settings);
  await rows(
    ctx,
    `update run set state = case when $3 = 0 then 'COMPLETED' else 'RUNNING' end, started_at = clock_timestamp(),
       finished_at = case when $3 = 0 then clock_timestamp() end, matched = $2, last_ordinal = $3, skipped = $4, messages = $5, settings = $6,
       claimed_until = clock_timestamp() + make_interval(secs => ${claimSeconds})
     where id = $1`,
    [run.id, total, eligible, JSON.stringify(skipped), JSON.stringify(messages), JSON.stringify(settings)],
  );
  await appendChanges(ctx, [{ kind: 'run.changed', runId: run.id }]);
  return { id: run.id, messages, settings };
}

/** Locks the run for this transaction, where it is still ours and still to be done: a worker that was thought dead stops here. */
async function hold(ctx: Context, worker: string, id: string): Promise<boolean> {
  const held = await first(
    ctx,
    `update run set claimed_until = clock_timestamp() + make_interval(secs => ${claimSeconds})
     where id = $1 and claimed_by = $2 and state in ('SCHEDULED', 'RUNNING') returning 1 as held`,
    [id, worker],
  );
  return held !== undefined;
}

async function fail(ctx: Context, run: ClaimedRun, message: string): Promise<void> {
  await transact(ctx, async (inside) => {
    await rows(
      inside,
      `update run set state = 'FAILED', error = $2, finished_at = clock_timestamp() where id = $1 and state in ('SCHEDULED', 'RUNNING')`,
      [run.id, message],
    );
    await appendChanges(inside, [{ kind: 'run.changed', runId: run.id }]);
  });
}
