import { expect, test } from 'vitest';
import type { Tail } from '../../src/changes/tail.js';
import { campaignsFrom, countClaim, isCampaignTurn } from '../../src/queue/turns.js';

const urgent = Array.from({ length: 2 }, () => ({ priority: campaignsFrom - 1 }));

/** Of so many full claims of urgent entries, which began with the campaigns. */
function turns(count: number): number[] {
  const tail = {} as Tail; // What is remembered goes with the process' tail; nothing of it is asked.
  return Array.from({ length: count }, (_, index) => index).filter(() => {
    const mine = isCampaignTurn(tail, 'Q');
    countClaim(tail, 'Q', urgent, urgent.length);
    return mine;
  });
}

test('E8x campaigns have each eighth claim, also where none of them waits: the others look once', () => {
  expect(turns(24)).toEqual([7, 15, 23]);
});
