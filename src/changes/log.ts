import { createHash } from 'node:crypto';
import { prepared } from '../database/prepared.js';
import { first, type HasEntityManager, rows } from '../database/sql.js';

/**
 * What changed. `entry.*` concern one communication in the queue of an external system, for its contact's devices;
 * `queue.filled` says that a system's queue has new work (one for a whole batch); `run.changed` that a run has moved;
 * `system.switched` that a system has begun or ceased to feed inboxes.
 */
export type ChangeKind = 'entry.created' | 'entry.changed' | 'entry.expired' | 'queue.filled' | 'run.changed' | 'system.switched';

/** One row of the change log: dense positions, in the order in which transactions became visible. */
export interface Change {
  position: number;
  kind: ChangeKind;
  contactId: string | null;
  externalSystemId: string | null;
  communicationId: string | null;
  runId: string | null;
  data: Record<string, unknown>;
  at: Date;
}

export interface LogState {
  /** The history that positions belong to: another one after a restore, so that old cursors are known as old. */
  epoch: string;
  /** The last position given. */
  position: number;
  /** Changes up to here are no longer kept. */
  prunedTo: number;
}

export const changeColumns = `position, kind, contact_id as "contactId", external_system_id as "externalSystemId",
  communication_id as "communicationId", run_id as "runId", data, at`;

const mostMoved = 2_000;
const mostRead = 1_000;

/** What one look at the log found. */
export interface Followed {
  /** How many changes were given a position; -1 where another process was doing it. */
  moved: number;
  /** What comes after the position that was asked for, in order. */
  batch: Change[];
  /** There is more of either. */
  more: boolean;
}

/** Gives positions to what has become visible, and reads on. See the migrations for why this is safe. */
export async function followChanges(ctx: HasEntityManager, after: number): Promise<Followed> {
  const found = await rows<{ moved: number } & (Change | { position: null })>(
    ctx,
    prepared(`select moved, ${changeColumns} from follow_changes($1, $2, $3)`),
    [mostMoved, after, mostRead],
  );
  const moved = found[0]?.moved ?? 0;
  const batch = found.filter((each) => each.position !== null);
  return { moved, batch, more: moved === mostMoved || batch.length === mostRead };
}

/** Gives positions to what has become visible, and tells where the log ended before that: for whoever need not read it. */
export async function skipChanges(ctx: HasEntityManager): Promise<{ moved: number; end: number; more: boolean }> {
  const found = await first<{ moved: number; end: number }>(
    ctx,
    prepared('select sequence_changes($1) as moved, position as "end" from change_log'),
    [mostMoved],
  );
  const { moved, end } = found ?? { moved: 0, end: 0 };
  return { moved, end, more: moved === mostMoved };
}

/**
 * Where the log stands. The epoch joins the log's own id with the identity of the cluster, the database and its timeline: a
 * dump restored elsewhere, or a cluster taken back in time, differs in one of them without anybody remembering to say so.
 */
export async function logState(ctx: HasEntityManager): Promise<LogState> {
  const row = await first<{ epoch: string; system: string; timeline: number; database: string; position: number; pruned_to: number }>(
    ctx,
    `select epoch, position, pruned_to, system_identifier::text as system, timeline_id as timeline,
       (select oid::text from pg_database where datname = current_database()) as database
     from change_log, pg_control_system(), pg_control_checkpoint()`,
  );
  if (!row) throw new Error('The change log has no state row: the database is not migrated');
  const identity = [row.epoch, row.system, row.timeline, row.database].join('/');
  return { epoch: createHash('sha256').update(identity).digest('base64url').slice(0, 10), position: row.position, prunedTo: row.pruned_to };
}
