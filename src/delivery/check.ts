import { refusalSql } from '../communications/consent.js';
import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import type { EngineEntry } from '../queue/lease.js';

/** Whether a leased entry may still be sent: yes, no and why, or `GONE` where it is no longer ours to decide. */
export type Check = 'SEND' | 'GONE' | { code: string; message: string };

interface Row {
  id: string;
  expired: boolean;
  retracted: boolean;
  directRefused: boolean;
  affiliateRefused: boolean;
}

/**
 * Looks again at what may have changed since the entry was made, right before it is sent and by the database's clock: its
 * lease, its expiry, its address, and the consent that its run or rule asks for.
 */
export async function checkAgain(ctx: Context, entries: readonly EngineEntry[]): Promise<Map<string, Check>> {
  const found = await rows<Row>(
    ctx,
    `select q.id, coalesce(q.expires_at <= clock_timestamp(), false) as expired,
       coalesce(r.retract_requested_at is not null, false) as retracted,
       ${refusalSql.direct} as "directRefused", ${refusalSql.affiliate} as "affiliateRefused"
     from unnest($1::uuid[], $2::uuid[]) as e (id, token)
     -- A lease about to end is as good as ended: another worker may take the entry while we send.
     join queue_entry q on q.id = e.id and q.lease_token = e.token and q.due_at > clock_timestamp() + interval '2 seconds'
     join communication c on c.id = q.id
     join contact k on k.id = c.contact_id
     ${refusalSql.joins}`,
    [entries.map((each) => each.id), entries.map((each) => each.leaseToken)],
  );
  const byId = new Map(found.map((each) => [each.id, each]));
  return new Map(entries.map((entry) => [entry.id, checkOf(entry, byId.get(entry.id))]));
}

function checkOf(entry: EngineEntry, row: Row | undefined): Check {
  if (!row) return 'GONE';
  if (row.expired) return { code: 'EXPIRED', message: 'Its time had passed before it was handed over.' };
  if (row.retracted) return { code: 'CANCELLED', message: 'Its run was retracted before it was handed over.' };
  if (!entry.address) return { code: 'NO_ADDRESS', message: `The contact has no address for ${entry.medium}.` };
  if (row.directRefused) return { code: 'OPTED_OUT', message: 'The contact has opted out of direct marketing.' };
  if (row.affiliateRefused) return { code: 'OPTED_OUT', message: 'The contact has opted out of affiliate marketing.' };
  return 'SEND';
}
