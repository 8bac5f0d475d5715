import type { Tail } from '../changes/tail.js';
import { Unavailable } from '../errors.js';

/** Leases under way in one process at most while several systems have work: enough to keep it busy, and few enough that none of them takes long. */
const mostAtOnce = 2;
/** While one system alone has work. */
const mostAlone = 4;
/** As many more for systems that have had no work lately. */
const mostBeside = 2;

interface Waiting {
  systemId: string;
  go(): void;
}

interface Shares {
  /** The system of each lease that is under way. */
  running: string[];
  waiting: Waiting[];
  /** What the system that was given least of those that ask had been given when it was its turn. It only grows. */
  level: number;
  /** What each system has been given, where it is no less than the level: the others have had no work lately. */
  given: Map<string, number>;
}

const processes = new WeakMap<Tail, Shares>();

/**
 * Leases for a system when it is its turn: of those that wait, the one that has been given least goes first. What it is given is time, in
 * milliseconds, whether a look finds a thousand entries or none. Who had no work lately begins level with the others, and does not wait for them: a small system passes large
 * ones, and starves nobody (performance.md G2). Whoever has waited for `patienceMs` is told that it is UNAVAILABLE.
 */
export async function leaseInTurn<T>(tail: Tail, systemId: string, lease: () => Promise<T>, patienceMs?: number): Promise<T> {
  const shares = processes.get(tail) ?? { running: [], waiting: [], level: 0, given: new Map<string, number>() };
  processes.set(tail, shares);
  await turn(shares, systemId, patienceMs);
  const from = performance.now();
  try {
    return await lease();
  } finally {
    shares.running.splice(shares.running.indexOf(systemId), 1);
    shares.given.set(systemId, givenTo(shares, systemId) + performance.now() - from);
    admit(shares);
  }
}

async function turn(shares: Shares, systemId: string, patienceMs: number | undefined): Promise<void> {
  const { waiting } = shares;
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((go, fail) => {
    const own = { systemId, go };
    waiting.push(own);
    admit(shares);
    if (patienceMs === undefined || !waiting.includes(own)) return;
    timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(own), 1);
      fail(new Unavailable('Too many ask for work at the moment; try again.'));
    }, patienceMs);
  });
  clearTimeout(timer);
}

function givenTo({ given, level }: Shares, systemId: string): number {
  return given.get(systemId) ?? level;
}

function admit(shares: Shares): void {
  const { waiting, running, given } = shares;
  while (running.length < mostAlone + mostBeside) {
    const least = Math.min(...waiting.map((each) => givenTo(shares, each.systemId)));
    const idle = waiting.findIndex((each) => !given.has(each.systemId));
    const isContested = new Set([...running, ...waiting.map((each) => each.systemId)]).size > 1;
    const most = isContested ? mostAtOnce : mostAlone;
    const place = idle >= 0 ? idle : running.length < most ? waiting.findIndex((each) => given.get(each.systemId) === least) : -1;
    const [next] = place < 0 ? [] : waiting.splice(place, 1);
    if (!next) return;
    shares.level = least;
    for (const [systemId, amount] of given) if (amount < least) given.delete(systemId);
    running.push(next.systemId);
    next.go();
  }
}
