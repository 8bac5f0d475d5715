import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '../context.js';
import type { CallerError } from '../errors.js';
import { isAway } from '../graphql/errors.js';
import { transact } from '../graphql/request.js';
import { leaseInTurn } from './fairShare.js';
import { feedsOf } from './feed.js';
import { announceWork, giveBack, type Held, holderOf, type LeasedEntry, leaseSystemEntries, leftOf } from './systemLease.js';

export interface LeasedStreamOptions {
  ctx: Context;
  systemId: string;
  leaseSeconds: number;
  maxInFlight: number;
}

const batch = 50;
/** After the end of a lease by the database's clock, as far as a timer here can know it. */
const lateMs = 20;
const awayMs = 250;

/**
 * Work for one subscriber of an external system: each entry that waits goes to one of the system's subscribers. What it does not
 * settle goes to another one when the lease ends, and back to the queue when the subscription does.
 */
export function leasedStream({ ctx, systemId, leaseSeconds, maxInFlight }: LeasedStreamOptions): AsyncIterableIterator<LeasedEntry> {
  const holder = `${holderOf(ctx.viewer)} ${randomUUID()}`;
  const open = () => ctx.open(ctx.viewer);
  const feeds = feedsOf(ctx);
  /** What is leased to this subscriber and was not seen to be settled: the token, and about when the lease ends. */
  const held = new Map<string, { token: string; endsAt: number }>();
  const ready: LeasedEntry[] = [];
  let over = false;
  let failure: CallerError | undefined;
  let wake: (() => void) | undefined;
  let woken = true;
  let leasing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const rouse = () => {
    woken = true;
    wake?.();
  };
  const leave = feeds.join(systemId, {
    get idle() {
      return wake !== undefined && held.size < maxInFlight;
    },
    holds: (id) => held.has(id),
    wake: rouse,
    fail(error) {
      failure = error;
      rouse();
    },
  });

  /** Forgets what was settled; what was not in time is another's to have. Answers whether there was any. */
  async function refresh(): Promise<boolean> {
    if (!mustLook()) return false;
    const left = await leftOf(
      open(),
      [...held].map(([id, { token }]) => ({ id, token })),
    );
    const ended = [...held.keys()].filter((id) => (left.get(id) ?? 1) <= 0);
    for (const id of held.keys()) if ((left.get(id) ?? 0) <= 0) held.delete(id);
    for (const [id, ms] of left) if (ms > 0) remember(id, held.get(id)?.token, ms);
    if (ended.length > 0) await transact(open(), (inside) => announceWork(inside, systemId));
    schedule();
    return ended.length > 0;
  }

  /** Only where it makes a difference: there is little room left, or a lease may have ended. */
  function mustLook(): boolean {
    return held.size > 0 && (maxInFlight - held.size < batch || [...held.values()].some(({ endsAt }) => endsAt <= performance.now()));
  }

  async function more(): Promise<void> {
    if (await refresh()) feeds.pass(systemId);
    const limit = Math.min(batch, maxInFlight - held.size);
    if (limit <= 0 || over) return;
    // Of before the question: a process may stand still between it and the answer.
    const from = performance.now();
    const options = { systemId, limit, leaseSeconds, holder, avoidOwn: true };
    const leased = await leaseInTurn(
      ctx.tail,
      systemId,
      async () => await transact(open(), async (inside) => await leaseSystemEntries(inside, options)),
    );
    for (const { id, lease } of leased) held.set(id, { token: lease.token, endsAt: from + leaseSeconds * 1_000 });
    ready.push(...leased);
    schedule();
    if (leased.length < limit) return;
    // There may be more than this one can take: another's turn, and perhaps its own again.
    if (held.size < maxInFlight) woken = true;
    feeds.pass(systemId);
  }

  function remember(id: string, token: string | undefined, ms: number): void {
    if (token !== undefined) held.set(id, { token, endsAt: performance.now() + ms });
  }

  function isLate({ id }: LeasedEntry): boolean {
    return performance.now() >= (held.get(id)?.endsAt ?? 0);
  }

  /** While a subscriber reads slowly, or its process stands still, leases end: what may be another's by now is not handed out. */
  async function giveLateBack(): Promise<void> {
    const late = ready.filter(isLate).map(({ id, lease: { token } }) => ({ id, token, unseen: true }));
    ready.splice(0, ready.length, ...ready.filter((each) => !isLate(each)));
    for (const { id } of late) held.delete(id);
    woken = true;
    await handOver(late);
  }

  /** Wakes at the first end of a lease, so that the entry does not wait for a poll. */
  function schedule(): void {
    clearTimeout(timer);
    if (over || held.size === 0) return;
    const first = Math.min(...[...held.values()].map((each) => each.endsAt));
    timer = setTimeout(rouse, Math.max(0, first - performance.now()) + lateMs);
    timer.unref();
  }

  async function end(): Promise<void> {
    const first = !over;
    over = true;
    clearTimeout(timer);
    leave();
    wake?.();
    if (!first) return;
    const back = handBack();
    feeds.ending(back);
    await back;
  }

  /** Never throws: what cannot be given back comes back by itself. */
  async function handBack(): Promise<void> {
    // What is being leased right now belongs to it.
    await leasing?.catch(() => undefined);
    if (held.size === 0) return;
    const unseen = new Set(ready.map((each) => each.id));
    const list = [...held].map(([id, { token }]) => ({ id, token, unseen: unseen.has(id) }));
    held.clear();
    ready.length = 0;
    await handOver(list);
  }

  async function handOver(list: readonly (Held & { unseen: boolean })[]): Promise<void> {
    try {
      await transact(open(), (inside) => giveBack(inside, systemId, list));
    } catch (error) {
      ctx.log.warn({ err: error, entries: list.length }, 'leases could not be given back');
    }
  }

  async function rest(): Promise<void> {
    if (woken || over) return;
    await new Promise<void>((done) => {
      wake = done;
    });
    wake = undefined;
  }

  return {
    async next() {
      while (!over) {
        if (failure) {
          await end();
          throw failure;
        }
        if (ready[0] && isLate(ready[0])) await giveLateBack();
        const entry = ready.shift();
        if (entry) return { done: false, value: entry };
        await rest();
        woken = false;
        try {
          leasing = over || failure ? undefined : more();
          await leasing;
        } catch (error) {
          if (!isAway(error)) {
            await end();
            throw error;
          }
          woken = true;
          await delay(awayMs);
        }
      }
      return { done: true, value: undefined };
    },
    async return() {
      await end();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
