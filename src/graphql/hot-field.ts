import type { Context } from '../context.js';

/** In the `extensions` of a field: answers it instead of the decorated method, which then only declares it. */
export interface HotField<Root> {
  hot: (root: Root, args: unknown, ctx: Context) => unknown;
  /** The same from the root alone, for the writer of events; undefined where that is not enough. */
  atHand?: (root: Root) => unknown;
}

/** One that needs nothing but its root. */
export function hotField<Root>(read: (root: Root) => unknown): HotField<Root> {
  return { hot: read, atHand: read };
}
