import { engine } from '../access/viewer.js';
import type { Change } from '../changes/log.js';
import type { Tail } from '../changes/tail.js';
import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import { type CallerError, Conflict, NotFound } from '../errors.js';
import { disabledWords } from './systems.js';

/** Somebody who works off the queue of a system. */
export interface Worker {
  /** It waits for work, and has room for some. */
  readonly idle: boolean;
  /** It has this entry in hand. */
  holds(communicationId: string): boolean;
  /** There may be work, or room. */
  wake(): void;
  /** There is no work to be had any more. */
  fail(error: CallerError): void;
}

/** Wakes the workers of this process, by their system: the cost is by change, not by worker. */
export interface Feeds {
  /** Answers how to leave. */
  join(systemId: string, worker: Worker): () => void;
  /** Work has been left over: wakes the next worker that has room. */
  pass(systemId: string): void;
  /** Something that must end before the database is closed: a worker that gives back what it holds. */
  ending(work: Promise<void>): void;
  /** Once all of it has ended. */
  ended(): Promise<void>;
}

/** Finds what came back by itself, when nothing rings: a lease that ended unsettled, a disabled system. */
const pollMs = 500;
/** However long the look takes, it takes at most this share of the time. */
const pollShare = 10;

const processes = new WeakMap<Tail, Feeds>();

/** The feeds of this process, which live as long as its tail. */
export function feedsOf({ tail, open, log }: Pick<Context, 'tail' | 'open' | 'log'>): Feeds {
  let feeds = processes.get(tail);
  if (!feeds) {
    feeds = startFeeds(tail, () => open(engine), log);
    processes.set(tail, feeds);
  }
  return feeds;
}

/** Once whoever left has given back what it held: the process may close its database then. */
export async function handedBack(tail: Tail): Promise<void> {
  await processes.get(tail)?.ended();
}

function startFeeds(tail: Tail, open: () => Context, log: Context['log']): Feeds {
  /** In the order of their turns: whoever was woken for new work goes to the end. */
  const workers = new Map<string, Worker[]>();
  const endings = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  const route = (changes: readonly Change[]) => {
    const filled = new Set<string>();
    for (const change of changes) {
      const of = workers.get(change.externalSystemId ?? '');
      if (!of) continue;
      if (change.kind === 'entry.changed' || change.kind === 'entry.expired') wakeHolder(of, change);
      else filled.add(change.externalSystemId ?? '');
    }
    for (const systemId of filled) wakeNext(systemId);
  };
  tail.listen(route, () => workers.size === 0);

  function wakeHolder(of: readonly Worker[], { communicationId }: Change): void {
    of.find((each) => communicationId !== null && each.holds(communicationId))?.wake();
  }

  /** One is enough: it passes on what it cannot take. */
  function wakeNext(systemId: string): void {
    const of = workers.get(systemId) ?? [];
    const place = of.findIndex((each) => each.idle);
    const [next] = place < 0 ? [] : of.splice(place, 1);
    if (!next) return;
    of.push(next);
    next.wake();
  }

  async function poll(): Promise<void> {
    const from = performance.now();
    try {
      await look();
    } catch (error) {
      log.debug({ err: error }, 'the queues of external systems could not be looked at');
    }
    const took = performance.now() - from;
    timer = undefined;
    schedule(Math.max(pollMs, took * pollShare));
  }

  async function look(): Promise<void> {
    const asked = [...workers.keys()];
    const found = await rows<{ id: string; name: string; enabled: boolean; due: boolean }>(
      open(),
      `select s.id, s.name, s.enabled, exists (
         select from queue_entry q where q.external_system_id = s.id and q.due_at <= clock_timestamp()
           and (q.expires_at is null or q.expires_at > clock_timestamp())
       ) as due from external_system s where s.id = any($1::uuid[]) and s.deleted_at is null`,
      [asked],
    );
    const byId = new Map(found.map((each) => [each.id, each]));
    for (const id of asked) {
      const system = byId.get(id);
      const error = !system ? new NotFound('external system') : system.enabled ? undefined : new Conflict(disabledWords(system));
      for (const each of [...(workers.get(id) ?? [])]) {
        if (error) each.fail(error);
        else if (system?.due && each.idle) each.wake();
      }
    }
  }

  function schedule(ms: number): void {
    if (timer || workers.size === 0) return;
    timer = setTimeout(() => void poll(), ms);
    timer.unref();
  }

  return {
    join(systemId, worker) {
      workers.set(systemId, [...(workers.get(systemId) ?? []), worker]);
      schedule(pollMs);
      return () => {
        const rest = (workers.get(systemId) ?? []).filter((each) => each !== worker);
        if (rest.length > 0) workers.set(systemId, rest);
        else workers.delete(systemId);
      };
    },
    pass: wakeNext,
    ending(work) {
      endings.add(work);
      void work.finally(() => endings.delete(work));
    },
    async ended() {
      while (endings.size > 0) await Promise.all(endings);
    },
  };
}
