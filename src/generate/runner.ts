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
import { match } from './match.js';
import { type ClaimedRun, claimColumns, type PickSource, type RunSource } from './source.js';
import { caughtUpSql, strideSql, turnOrder } from './turn.js';

export interface RunnerOptions {
  log: Context['log'];
  open: Context['open'];
  sources: PickSource;
}

const pollMs = 1_000;

/**
 * Turns runs into communications, a chunk of one run in each round, so that no run waits for the end of another. The lock of
 * the run's row is the claim: killed at any instant, another worker goes on where the last chunk was committed.
 */
export function startRunner({ log, open, sources }: RunnerOptions): Loop {
  let stopping = false;
  const loop = startLoop({
    name: 'runs',
    log,
    everyMs: pollMs,
    async round() {
      let taken: ClaimedRun | undefined;
      try {
        await transact(open(engine), async (ctx) => {
          taken = await take(ctx);
          if (taken) await advance(ctx, taken, sources(taken));
        });
      } catch (error) {
        if (!taken || isAway(error)) throw error;
        // Tried again, it would fail again, and stand in the way of every other run.
        if (!(error instanceof CallerError)) log.error({ err: error, runId: taken.id }, 'a run failed');
        await fail(open(engine), taken, error instanceof CallerError ? error.message : 'Something went wrong on our side; the log has it.');
      }
      return taken !== undefined && !stopping;
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

/**
 * The run whose turn it is, locked for this transaction. Runs of one schedule do not overlap: a later one waits for the former,
 * and none begins while the schedule is paused.
 */
async function take(ctx: Context): Promise<ClaimedRun | undefined> {
  return await first<ClaimedRun>(
    ctx,
    `update run set turn = turn + ${strideSql} where id = (
       select r.id from run r where r.state in ('SCHEDULED', 'RUNNING') and r.scheduled_for <= clock_timestamp()
         and not exists (select from run e where e.schedule_id = r.schedule_id and e.seq < r.seq and e.state in ('SCHEDULED', 'RUNNING', 'PAUSED'))
         and not exists (select from schedule s where s.id = r.schedule_id and s.paused and r.messages is null)
       order by ${turnOrder('r')} limit 1 for update of r skip locked
     ) returning ${claimColumns}`,
  );
}

/** One step, whole or not at all: it is matched, or its next chunk is generated. */
async function advance(ctx: Context, claimed: ClaimedRun, source: RunSource): Promise<void> {
  const { id, messages, settings } = claimed;
  await withCatalogue(ctx, async () => {
    if (messages && settings) await generateChunk(ctx, { id, messages, settings }, source.notify);
    else await begin(ctx, claimed, source);
  });
}

/** Matches, and freezes what is sent: a run has met everybody or nobody. */
async function begin(ctx: Context, run: ClaimedRun, source: RunSource): Promise<void> {
  const { recipients, messages, settings, funnel } = await source.prepare(ctx, run);
  const { total, eligible, skipped } = await match(ctx, run.id, recipients, messages, settings);
  const left = (await funnel?.(ctx)) ?? [];
  await rows(
    ctx,
    `update run set state = case when $3 = 0 then 'COMPLETED' else 'RUNNING' end, started_at = clock_timestamp(),
       finished_at = case when $3 = 0 then clock_timestamp() end, matched = $2, last_ordinal = $3, skipped = $4, messages = $5, settings = $6, funnel = $7,
       turn = ${caughtUpSql}
     where id = $1`,
    [run.id, total, eligible, JSON.stringify(skipped), JSON.stringify(messages), JSON.stringify(settings), JSON.stringify(left)],
  );
  await appendChanges(ctx, [{ kind: 'run.changed', runId: run.id }]);
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
