import type { Tail } from '../changes/tail.js';

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
  /** What the system that was given least of those that have work had been given when it was its turn. It only grows. */
  level: number;
  /** What each system has been given, where it is no less than the level: the others have had no work lately. */
  given: Map<string, number>;
}

const processes = new WeakMap<Tail, Shares>();

/**
 * Leases for a system when it is its turn: of those that wait, the one that has been given least goes first. Who had no work lately
 * begins level with the others, and does not wait for them: a small system passes large ones, and starves nobody (performance.md G2).
 */
export async function leaseInTurn<T>(tail: Tail, systemId: string, lease: () => Promise<T>, sizeOf: (leased: T) => number): Promise<T> {
  const shares = processes.get(tail) ?? { running: [], waiting: [], level: 0, given: new Map<string, number>() };
  processes.set(tail, shares);
  await new Promise<void>((go) => {
    shares.waiting.push({ systemId, go });
    admit(shares);
  });
  // A look that finds nothing counts as well: who looks again and again must not pass those that have work each time.
  let count = 1;
  try {
    const leased = await lease();
    count = Math.max(count, sizeOf(leased));
    return leased;
  } finally {
    shares.running.splice(shares.running.indexOf(systemId), 1);
    shares.given.set(systemId, givenTo(shares, systemId) + count);
    admit(shares);
  }
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
