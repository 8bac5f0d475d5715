import type { Tail } from '../changes/tail.js';

/** Campaigns, and whatever may wait as long; what people and events cause has a smaller number, and goes before them (E8x). */
export const campaignsFrom = 6;

/** So many claims in a row may be full of urgent entries; the next one begins with campaigns, which therefore never starve. */
const urgentInARow = 7;

const processes = new WeakMap<Tail, Map<string, number>>();

/** Whether it is the campaigns' turn in that queue, for the claims of this process. */
export function isCampaignTurn(tail: Tail, queue: string): boolean {
  return (processes.get(tail)?.get(queue) ?? 0) >= urgentInARow;
}

/** Remembers what a claim got. One that was not full, began with the campaigns or reached them, has left nobody behind. */
export function countClaim(tail: Tail, queue: string, claimed: readonly { priority: number }[], limit: number): void {
  const counts = processes.get(tail) ?? new Map<string, number>();
  processes.set(tail, counts);
  const inARow = counts.get(queue) ?? 0;
  const urgentOnly = claimed.length === limit && claimed.every((each) => each.priority < campaignsFrom);
  // A turn that found no campaigns is over as well: else every claim from then on would look for them first, in vain.
  if (urgentOnly && inARow < urgentInARow) counts.set(queue, inARow + 1);
  else counts.delete(queue);
}
