import type { Tail } from '../changes/tail.js';

/** From where on a claim looks: entries of `lo` from `floor` on, and all of the priorities up to `hi`. */
export interface Range {
  lo: number;
  floor: number;
  hi: number;
}

/** What one process remembers of the queue of one system. */
interface Remembered {
  /** The seq below which a claim of that priority found nothing any more. */
  floors: Map<number, number>;
  /** When the whole queue was last looked at, on the monotonic clock. */
  fullAt: number;
}

const least = -32_768;
const most = 32_767;
const everything: readonly Range[] = [{ lo: least, floor: 0, hi: most }];

/** What came back below a floor (a lease that ended, a late commit) is found this late at worst, while there is other work. */
const fullEveryMs = 1_000;

const processes = new WeakMap<Tail, Map<string, Remembered>>();

/**
 * Where a claim should begin. What is settled leaves dead rows at the head of the index; to walk over them at each claim costs
 * more than all the rest (performance.md G). Undefined: the whole queue is due to be looked at.
 */
export function floorsOf(tail: Tail, systemId: string): readonly Range[] | undefined {
  const known = processes.get(tail)?.get(systemId);
  if (!known || known.floors.size === 0 || performance.now() - known.fullAt > fullEveryMs) return undefined;
  return rangesAbove(known.floors);
}

/** The ranges that leave out what lies below the floors, in the order of priority. Priorities without a floor are looked at whole. */
export function rangesAbove(floors: ReadonlyMap<number, number>): Range[] {
  const ranges: Range[] = [];
  let from = least;
  for (const [priority, floor] of [...floors].toSorted(([a], [b]) => a - b)) {
    if (priority > from) ranges.push({ lo: from, floor: 0, hi: priority - 1 });
    ranges.push({ lo: priority, floor, hi: priority });
    from = priority + 1;
  }
  if (from <= most) ranges.push({ lo: from, floor: 0, hi: most });
  return ranges;
}

/** Of these ranges, what lies at that priority or behind it. */
export function rangesFrom(ranges: readonly Range[], priority: number): Range[] {
  return ranges.filter((each) => each.hi >= priority).map((each) => (each.lo >= priority ? each : { lo: priority, floor: 0, hi: each.hi }));
}

export function wholeQueue(): readonly Range[] {
  return everything;
}

/** Remembers, once it is committed, what a claim took: everything below has been taken, or is somebody's. */
export function raiseFloors(tail: Tail, systemId: string, taken: ReadonlyMap<number, number>, whole: boolean): void {
  const systems = processes.get(tail) ?? new Map<string, Remembered>();
  processes.set(tail, systems);
  const known = systems.get(systemId);
  if (whole || !known) {
    systems.set(systemId, { floors: new Map(taken), fullAt: whole ? performance.now() : Number.NEGATIVE_INFINITY });
    return;
  }
  for (const [priority, floor] of taken) known.floors.set(priority, Math.max(floor, known.floors.get(priority) ?? 0));
}

/** The queue ran short, or something came back: the next claim looks at all of it. */
export function forgetFloors(tail: Tail, systemId: string): void {
  processes.get(tail)?.delete(systemId);
}
