import type { LifeCycleState } from '../communications/lifeCycle.js';
import { listCommunications } from '../communications/list.js';
import type { CommunicationRow } from '../communications/row.js';
import type { Context } from '../context.js';
import { Problems } from '../errors.js';
import type { Connection, PageArgs } from '../graphql/connection.js';
import type { QueueEntryFilter } from './entry.type.js';

/** The number of a queue entry (Q16): unique as its communication's is, and not to be mistaken for it. */
export function entryNumberOf(row: Pick<CommunicationRow, 'seq'>): string {
  return `QE${String(row.seq).padStart(6, '0')}`;
}

/** A system's queue, settled entries too, newest first (Q17). */
export async function listEntries(
  ctx: Context,
  page: PageArgs,
  systemId: string,
  states: LifeCycleState[] | null,
  { number, viewed, ...filter }: QueueEntryFilter,
): Promise<Connection<CommunicationRow>> {
  const seq = number == null ? null : seqOf(number);
  const narrow = (parameters: unknown[]) => {
    const place = (value: unknown) => `$${parameters.push(value)}`;
    const system = place(systemId);
    const conditions = [`c.external_system_id = ${system}`, `c.direction = 'OUTGOING'`, `c.state <> 'DRAFT'`];
    // What waits is in the waiting list: among a million settled entries it is not looked for.
    if (states?.length === 1 && states[0] === 'PENDING')
      conditions.push(`c.id in (select q.id from queue_entry q where q.external_system_id = ${system})`);
    if (seq !== null) conditions.push(`c.seq = ${place(seq)}::bigint`);
    if (viewed != null) conditions.push(`c.viewed_at is ${viewed ? 'not null' : 'null'}`);
    return conditions.join(' and ');
  };
  return await listCommunications(ctx, page, { ...filter, states }, { narrow });
}

function seqOf(number: string): string {
  const seq = /^(?:QE|CM)0*(\d{1,15})$/i.exec(number.trim())?.[1];
  const problems = new Problems();
  if (seq === undefined)
    problems.add(['filter', 'number'], 'INVALID', 'A number is that of an entry, as QE000680, or of its communication, as CM000680.');
  problems.throwIfAny();
  return seq ?? '';
}
