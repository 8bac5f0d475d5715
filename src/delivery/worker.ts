import type { Logger } from 'pino';
import type { Context } from '../context.js';
import { transact } from '../graphql/request.js';
import { type Loop, startLoop } from '../loop.js';
import { extendLease, leaseEngineEntries } from '../queue/lease.js';
import { leaseEnd } from '../queue/leaseEnd.js';
import type { Move } from '../queue/move.js';
import { type Postponed, postpone } from '../queue/retry.js';
import { settle } from '../queue/settle.js';
import { within } from '../within.js';
import { makeBatch } from './batch.js';
import type { Verdict } from './decide.js';
import { type Lane, openLane } from './lane.js';
import { type Pace, standardPace } from './pace.js';
import { prepare } from './prepare.js';
import type { Provider } from './provider.js';

export interface DeliveryOptions {
  log: Logger;
  /** A context of the engine's own. */
  open: () => Context;
  providers: readonly Provider[];
  /** Who leases, for people who look at the queue. */
  holder: string;
  pace?: Partial<Pace>;
}

/** How long closing waits for the last verdicts to be written, once nothing is under way. */
const lastWriteMs = 1_000;

/**
 * The engine's own carrier: leases due entries (a short transaction), checks them again, renders, sends outside of any
 * transaction, and settles what came of it. Any number of processes may run one. Stopping lets the sends under way end and
 * gives the rest back.
 */
export function startDelivery({ log, open, providers, holder, pace: given }: DeliveryOptions): Loop {
  const pace: Pace = { ...standardPace, ...given };
  const moves = makeBatch<Move>({
    name: 'settle',
    log,
    write: async (items) => await settleAll(open(), items, log),
    done: (items) => release(items),
  });
  const postponements = makeBatch<Postponed>({
    name: 'postpone',
    log,
    write: async (items) => await postpone(open(), items),
    done: (items) => release(items),
  });
  const write = (verdict: Verdict) => ('move' in verdict ? moves.add(verdict.move) : postponements.add(verdict.postponed));
  const lanes: Lane[] = providers.map((provider) =>
    openLane({
      provider,
      log,
      pace,
      write,
      ring: () => loop.ring(),
      prepare: async (entries) => await prepare(open(), entries, pace),
    }),
  );
  const release = (items: readonly { id: string; leaseToken?: string | null | undefined }[]) => {
    for (const { id, leaseToken } of items) for (const lane of lanes) lane.release(id, leaseToken ?? '');
  };

  const loop = startLoop({
    name: 'delivery',
    log,
    everyMs: pace.pollMs,
    async round() {
      let more = false;
      for (const lane of lanes) more = (await lease(open(), lane, pace, holder)) || more;
      return more;
    },
  });
  const leases = startLoop({
    name: 'delivery leases',
    log,
    everyMs: pace.extendEveryMs,
    async round() {
      for (const lane of lanes) await keepLeases(open(), lane, pace);
      return false;
    },
  });

  return {
    ring: () => loop.ring(),
    async stop() {
      for (const lane of lanes) lane.stop();
      await within(pace.closeWaitMs, Promise.all([loop.stop(), ...lanes.map(async (lane) => await lane.quiet())]));
      for (const lane of lanes) lane.abort();
      await within(lastWriteMs, Promise.all(lanes.map(async (lane) => await lane.quiet())));
      await within(lastWriteMs, Promise.all([moves.idle(), postponements.idle()]));
      moves.stop();
      postponements.stop();
      await leases.stop();
    },
  };
}

/** Leases what the lane has room for; true where there may be more at once. */
async function lease(ctx: Context, lane: Lane, pace: Pace, holder: string): Promise<boolean> {
  const limit = lane.room();
  if (limit === 0) return false;
  const until = leaseEnd(pace.leaseSeconds);
  const entries = await leaseEngineEntries(ctx, { media: lane.provider.media, limit, leaseSeconds: pace.leaseSeconds, holder });
  const full = entries.length === limit;
  lane.take(entries, full, until);
  return full && lane.room() > 0;
}

/** What is held stays ours; what has become another's is let go, and is not handed over any more where it is under way. */
async function keepLeases(ctx: Context, lane: Lane, pace: Pace): Promise<void> {
  const held = lane.held();
  if (held.length === 0) return;
  const until = leaseEnd(pace.leaseSeconds);
  const kept = await extendLease(ctx, held, pace.leaseSeconds);
  for (const entry of held) {
    if (kept.has(entry.id)) lane.keep(entry, until);
    else lane.lose(entry.id);
  }
}

async function settleAll(ctx: Context, moves: readonly Move[], log: Logger): Promise<void> {
  const outcomes = await transact(ctx, async (inside) => await settle(inside, moves));
  for (const { id, error } of outcomes) {
    // Sent under a lease that had ended, and another worker has it: its second message has the same Message-ID.
    if (error) log.warn({ communication: id, error }, 'the outcome of a send was refused');
  }
}
