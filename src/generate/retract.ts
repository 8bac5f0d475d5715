import { engine } from '../access/viewer.js';
import { appendChanges } from '../changes/append.js';
import type { LifeCycleState } from '../communications/lifeCycle.js';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { NotFound } from '../errors.js';
import { transact } from '../graphql/request.js';
import { type Loop, startLoop } from '../loop.js';
import type { Move } from '../queue/move.js';
import { settle } from '../queue/settle.js';
import { controlRun } from './control.js';
import { loadRun, type Run } from './run.js';

const pollMs = 1_000;
const chunkSize = 1_000;

/** Nobody had it yet: said on the communication. */
const cancelled = { code: 'CANCELLED', message: 'Its run was retracted before it was handed over.' };

/**
 * Asks for everything that a run sent to be taken back (E5x): it is cancelled where it is under way, and workers carry the
 * retraction out from there. Asking twice changes nothing.
 */
export async function retractRun(ctx: Context, id: string): Promise<Run> {
  const open = await first<{ open: boolean }>(
    ctx,
    `select state in ('SCHEDULED', 'RUNNING', 'PAUSED') as open from run where id = $1 for update`,
    [id],
  );
  if (!open) throw new NotFound('run');
  if (open.open) await controlRun(ctx, id, 'cancel');
  // What somebody tried again of it is no part of its sums, but says the same: it is taken back at the end.
  await rows(
    ctx,
    `with asked as (
       update run set retract_requested_at = clock_timestamp() where id = $1 and retract_requested_at is null returning id
     )
     insert into retraction_left (run_id, communication_id)
     select a.id, c.id from asked a join communication c on c.consent_run_id = a.id where c.state in ('PENDING', 'COMPLETED')`,
    [id],
  );
  await appendChanges(ctx, [{ kind: 'run.changed', runId: id }]);
  ctx.afterCommit(() => ctx.bells.work('run'));
  const run = await loadRun(ctx, id);
  if (!run) throw new NotFound('run');
  return run;
}

/** Of every run that a plan has made; answers them, newest first. */
export async function retractRunsOf(ctx: Context, planId: string): Promise<Run[]> {
  const found = await rows<{ id: string }>(
    ctx,
    'select id from run where plan_id = $1 and retract_requested_at is null order by seq desc',
    [planId],
  );
  const runs: Run[] = [];
  for (const { id } of found) runs.push(await retractRun(ctx, id));
  return runs;
}

/** Carries retractions out, some thousand communications a transaction: killed at any instant, another worker goes on from there. */
export function startRetractions({ log, open }: { log: Context['log']; open: Context['open'] }): Loop {
  return startLoop({
    name: 'retractions',
    log,
    everyMs: pollMs,
    async round() {
      const text =
        'select id from run where retract_requested_at is not null and retract_finished_at is null order by retract_requested_at limit 100';
      let more = false;
      for (const { id } of await rows<{ id: string }>(open(engine), text)) {
        more = (await transact(open(engine), async (ctx) => await retractChunk(ctx, id))) || more;
      }
      return more;
    },
  });
}

interface Sent {
  id: string;
  seq: number;
  state: LifeCycleState;
  inbox: boolean;
}

const sentSql = `select c.id, c.seq, c.state, coalesce(s.contact_inbox, false) as inbox
  from communication c left join external_system s on s.id = c.external_system_id`;

/** The next communications of the run, then those that somebody was carrying when they were met. Answers whether there is more to do now. */
async function retractChunk(ctx: Context, id: string): Promise<boolean> {
  const held = await first<{ to: number }>(
    ctx,
    'select retract_to as "to" from run where id = $1 and retract_finished_at is null for update skip locked',
    [id],
  );
  if (!held) return false;
  const next = await rows<Sent>(ctx, `${sentSql} where c.run_id = $1 and c.seq > $2 order by c.seq limit ${chunkSize}`, [id, held.to]);
  const again = next.length > 0 ? [] : await takeLeft(ctx, id);
  const { changed, left } = await takeBack(ctx, [...next, ...again]);
  await rows(ctx, 'insert into retraction_left (run_id, communication_id) select $1, unnest($2::uuid[])', [id, left]);
  const finished = next.length === 0 && left.length === 0 && again.length < chunkSize;
  await rows(
    ctx,
    `update run set retract_to = greatest(retract_to, $2), retracted = retracted + $3,
       retract_finished_at = case when $4 then clock_timestamp() end where id = $1`,
    [id, next.at(-1)?.seq ?? 0, changed, finished],
  );
  if (changed > 0 || finished) await appendChanges(ctx, [{ kind: 'run.changed', runId: id }]);
  return next.length > 0 || (changed > 0 && !finished);
}

async function takeLeft(ctx: Context, id: string): Promise<Sent[]> {
  return await rows<Sent>(
    ctx,
    `with taken as (
       delete from retraction_left where (run_id, communication_id) in
         (select run_id, communication_id from retraction_left where run_id = $1 limit ${chunkSize}) returning communication_id
     )
     ${sentSql} join taken t on t.communication_id = c.id order by c.seq`,
    [id],
  );
}

/**
 * What waits is REJECTED, what stands in an inbox leaves it on every device. What the engine or an external system has in its
 * hands right now is left for later: it comes back when its lease ends, or has been sent, which nobody can take back.
 */
async function takeBack(ctx: Context, sent: readonly Sent[]): Promise<{ changed: number; left: string[] }> {
  const moves = sent.flatMap(({ id, state, inbox }): Move[] => {
    if (state === 'PENDING') return [{ id, to: 'REJECTED', rejection: cancelled }];
    return state === 'COMPLETED' && inbox ? [{ id, to: 'COMPLETED_AND_REMOVED' }] : [];
  });
  // Everybody locks entries in the order of their ids.
  const outcomes = await settle(
    ctx,
    moves.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );
  return {
    changed: outcomes.filter((each) => each.changed).length,
    // Leased, or moved by somebody else a moment ago.
    left: outcomes.filter((each) => each.error && each.error.code !== 'NOT_FOUND').map((each) => each.id),
  };
}
