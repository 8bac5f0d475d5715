import type { Direction, Medium } from '../catalogue/medium.js';
import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import type { LifeCycleState } from './lifeCycle.js';
import type { CommunicationOrigin } from './origin.js';

/** A communication as reads want it: a plain row, never a hydrated entity (performance.md C). */
export interface CommunicationRow {
  id: string;
  /** In the order of creation: what pages and cursors are made of. */
  seq: number;
  contactId: string;
  medium: Medium;
  direction: Direction;
  origin: CommunicationOrigin;
  /** The subject of the token that wrote it; null for what a cause made. */
  createdBy: string | null;
  state: LifeCycleState;
  address: string | null;
  externalSystemId: string | null;
  runId: string | null;
  followUpOfId: string | null;
  retryOfId: string | null;
  /** What it refers to: a type of the catalogue, and the row of an object or of an account. */
  objectType: string | null;
  objectId: string | null;
  accountId: string | null;
  contentId: string;
  categoryId: string | null;
  /** The code of the business unit that it belongs to (C14). */
  ownedByUnit: string | null;
  language: string;
  tagValues: unknown[];
  zoneOffset: number;
  linkFrameId: string | null;
  expiresAt: Date | null;
  createdAt: Date;
  completedAt: Date | null;
  viewedAt: Date | null;
  rejectedAt: Date | null;
  rejectionCode: string | null;
  rejectionMessage: string | null;
}

/** A PENDING row whose time has passed, swept or not: out of reach from that instant (AMB-2). */
const expired = `(c.state = 'PENDING' and c.expires_at <= clock_timestamp())`;

/** Its state as everybody must see it, by the database's clock. */
export const effectiveState = `case when ${expired} then 'REJECTED' else c.state end`;

export const communicationColumns = `c.id, c.seq, c.contact_id as "contactId", c.medium, c.direction, c.origin, c.created_by as "createdBy",
  ${effectiveState} as state, c.address,
  c.external_system_id as "externalSystemId", c.run_id as "runId", c.follow_up_of as "followUpOfId", c.retry_of as "retryOfId", c.object_type as "objectType",
  c.object_id as "objectId", c.account_id as "accountId", c.content_id as "contentId", c.category_id as "categoryId", c.owned_by_unit as "ownedByUnit",
  c.language, c.tag_values as "tagValues", c.zone_offset as "zoneOffset", c.link_frame_id as "linkFrameId", c.expires_at as "expiresAt", c.created_at as "createdAt",
  c.completed_at as "completedAt", c.viewed_at as "viewedAt",
  case when ${expired} then c.expires_at else c.rejected_at end as "rejectedAt",
  case when ${expired} then 'EXPIRED' else c.rejection_code end as "rejectionCode",
  case when ${expired} then '${expiredMessage()}' else c.rejection_message end as "rejectionMessage"`;

export function expiredMessage(): string {
  return 'Its time had passed before it was handed over.';
}

/** The number that people quote (C15). */
export function numberOf(row: Pick<CommunicationRow, 'seq'>): string {
  return `CM${String(row.seq).padStart(6, '0')}`;
}

/** The communications with these ids, in the order of the ids; null where there is none. */
export async function loadCommunications(ctx: Context, ids: readonly string[]): Promise<(CommunicationRow | null)[]> {
  const found = await rows<CommunicationRow>(ctx, `select ${communicationColumns} from communication c where c.id = any($1::uuid[])`, [
    ids,
  ]);
  const byId = new Map(found.map((each) => [each.id, each]));
  return ids.map((id) => byId.get(id) ?? null);
}
