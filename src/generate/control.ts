import { appendChanges } from '../changes/append.js';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { InvalidStateTransition, NotFound } from '../errors.js';
import { loadRun, type Run, type RunState } from './run.js';
import { caughtUpSql } from './turn.js';

/** What a person may do to a run (E17x), and in which states. */
const allowed = {
  pause: ['SCHEDULED', 'RUNNING'],
  resume: ['PAUSED'],
  cancel: ['SCHEDULED', 'RUNNING', 'PAUSED'],
} satisfies Record<string, RunState[]>;

export type RunAction = keyof typeof allowed;

const done: Record<RunAction, string> = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' };

/**
 * Holds a run, lets it go on, or ends it. A worker locks the run for each chunk: what it had begun is
 * whole, and nothing begins after the answer. Doing it twice changes nothing.
 */
export async function controlRun(ctx: Context, id: string, action: RunAction): Promise<Run> {
  const locked = await first<{ state: RunState; matched: boolean }>(
    ctx,
    'select state, messages is not null as matched from run where id = $1 for update',
    [id],
  );
  if (!locked) throw new NotFound('run');
  const target = targetOf(action, locked.matched);
  if (locked.state !== target && !(action === 'resume' && ['SCHEDULED', 'RUNNING'].includes(locked.state))) {
    if (!(allowed[action] as RunState[]).includes(locked.state)) {
      throw new InvalidStateTransition(
        `A run that is ${locked.state} cannot be ${done[action]}: it must be ${allowed[action].join(' or ')}.`,
      );
    }
    await write(ctx, id, target);
  }
  const run = await loadRun(ctx, id);
  if (!run) throw new NotFound('run');
  return run;
}

function targetOf(action: RunAction, matched: boolean): RunState {
  if (action === 'pause') return 'PAUSED';
  if (action === 'cancel') return 'CANCELLED';
  return matched ? 'RUNNING' : 'SCHEDULED';
}

/** Whom a cancelled run no longer reaches is skipped, with that reason: the sums go on to add up. */
async function write(ctx: Context, id: string, target: RunState): Promise<void> {
  await rows(
    ctx,
    `update run set state = $2, turn = ${caughtUpSql},
       finished_at = case when $2 = 'CANCELLED' then clock_timestamp() end,
       skipped = case when $2 = 'CANCELLED' and last_ordinal > done_to
         then skipped || jsonb_build_object('CANCELLED', coalesce((skipped->>'CANCELLED')::int, 0) + (last_ordinal - done_to)) else skipped end,
       done_to = case when $2 = 'CANCELLED' then last_ordinal else done_to end
     where id = $1`,
    [id, target],
  );
  await appendChanges(ctx, [{ kind: 'run.changed', runId: id }]);
  if (target !== 'CANCELLED' && target !== 'PAUSED') ctx.afterCommit(() => ctx.bells.work('run'));
}

/** Ends runs before they begin; one that has begun meanwhile goes on. */
export async function cancelUnbegun(ctx: Context, ids: readonly string[]): Promise<void> {
  const ended = await rows<{ id: string }>(
    ctx,
    `update run set state = 'CANCELLED', finished_at = clock_timestamp()
     where id = any($1::uuid[]) and state in ('SCHEDULED', 'PAUSED') and messages is null returning id`,
    [ids],
  );
  await appendChanges(
    ctx,
    ended.map(({ id }) => ({ kind: 'run.changed', runId: id })),
  );
}

/** Takes back a run that has not begun (Z9): nobody has been met, nothing been generated. */
export async function deleteRun(ctx: Context, id: string): Promise<void> {
  const locked = await first<{ state: RunState; begun: boolean }>(
    ctx,
    'select state, messages is not null or finished_at is not null as begun from run where id = $1 for update',
    [id],
  );
  if (!locked) throw new NotFound('run');
  if (locked.begun) {
    throw new InvalidStateTransition(`A run that is ${locked.state} has begun and cannot be deleted: cancel it, or retract what it sent.`);
  }
  await rows(ctx, 'delete from run where id = $1', [id]);
  await appendChanges(ctx, [{ kind: 'run.changed', runId: id }]);
}
