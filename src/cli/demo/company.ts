import { findSegment } from '../../audience/segment.js';
import { createSegment } from '../../audience/segment-write.js';
import { type UpsertResult, upsertCrmRecords } from '../../audience/upsert/upsert.js';
import type { Condition } from '../../catalogue/condition.js';
import type { Context } from '../../context.js';
import { company } from './customers.js';

/** Customers in a call: each has seven records at most. */
const batchSize = 100;

const segments: { name: string; description: string; condition: Condition }[] = [
  { name: 'Everyone', description: 'All customers.', condition: { field: 'contact.name', operator: 'IS_NOT_EMPTY' } },
  {
    name: 'Greek speakers',
    description: 'Customers who prefer Greek.',
    condition: { field: 'contact.preferred_language', operator: 'STARTS_WITH', value: 'el' },
  },
  {
    name: 'Unpaid bills',
    description: 'Customers with a bill on which something is still to be paid.',
    condition: { field: 'bill.outstanding_amount', operator: 'GT', value: '0' },
  },
  { name: 'VIP', description: 'Owners of a VIP account.', condition: { field: 'account.classification', operator: 'EQ', value: 'VIP' } },
];

export interface SeededAudience extends UpsertResult {
  /** Ids of the demo's segments by their names. */
  segments: Record<string, string>;
}

/**
 * The demo company's customers and segments, in the caller's transaction. Again on another day it moves the dates on, and
 * changes nothing else.
 */
export async function seedAudience(ctx: Context, today: Date): Promise<SeededAudience> {
  const seeded: SeededAudience = { inserted: 0, updated: 0, unchanged: 0, segments: {} };
  const customers = company(today);
  for (let from = 0; from < customers.length; from += batchSize) {
    const batch = customers.slice(from, from + batchSize);
    const result = await upsertCrmRecords(ctx, {
      contacts: batch.map((each) => each.contact),
      accounts: batch.map((each) => each.account),
      objects: batch.flatMap((each) => each.objects),
    });
    seeded.inserted += result.inserted;
    seeded.updated += result.updated;
    seeded.unchanged += result.unchanged;
  }
  for (const segment of segments) {
    const { id } = (await findSegment(ctx, segment.name)) ?? (await createSegment(ctx, segment));
    seeded.segments[segment.name] = id;
  }
  return seeded;
}
