/** One operation as a client saw it: between `from` and `to` it happened, at once, and answered this. */
export interface Seen<State> {
  from: number;
  to: number;
  what: string;
  /** The states that it can leave behind with the answer that was seen, if it happened in this one; none: it cannot have. */
  after(state: State): readonly State[];
}

/**
 * Whether there is one order of the operations that explains every answer: an operation that had ended before another began
 * comes before it. Answers undefined, or what could not be explained.
 */
export function unexplained<State>(seen: readonly Seen<State>[], initial: State): string | undefined {
  const list = seen.toSorted((a, b) => a.from - b.from);
  const failed = new Set<string>();
  let furthest = 0;

  function explain(done: ReadonlySet<number>, state: State): boolean {
    furthest = Math.max(furthest, done.size);
    if (done.size === list.length) return true;
    const key = `${[...done].filter((each) => each >= firstOpen(done)).toSorted((a, b) => a - b)}|${firstOpen(done)}|${JSON.stringify(state)}`;
    if (failed.has(key)) return false;
    let end = Number.POSITIVE_INFINITY;
    for (let index = firstOpen(done); index < list.length; index++) {
      const each = list[index];
      if (!each || each.from > end) break;
      if (done.has(index)) continue;
      end = Math.min(end, each.to);
    }
    for (let index = firstOpen(done); index < list.length; index++) {
      const each = list[index];
      if (!each || each.from > end) break;
      if (done.has(index)) continue;
      for (const next of each.after(state)) if (explain(new Set([...done, index]), next)) return true;
    }
    failed.add(key);
    return false;
  }

  function firstOpen(done: ReadonlySet<number>): number {
    let index = 0;
    while (done.has(index)) index++;
    return index;
  }

  if (explain(new Set(), initial)) return undefined;
  return list
    .map((each, index) => `${index === furthest ? '>' : ' '} ${each.from.toFixed(2)}-${each.to.toFixed(2)} ${each.what}`)
    .join('\n');
}
