import { type Context } from '../context.js';
import { rows } from '../database/sql.js';
import type { ChangeKind } from './log.js';

export interface NewChange {
  kind: ChangeKind;
  contactId?: string | null;
  externalSystemId?: string | null;
  communicationId?: string | null;
  runId?: string | null;
  data?: Record<string, unknown>;
}

/**
 * Appends to the change log in the caller's transaction, which must already hold the lock of what it changed (so that the
 * changes of one row keep their order), and rings after the commit.
 */
export async function appendChanges(ctx: Context, changes: readonly NewChange[]): Promise<void> {
  if (changes.length === 0) return;
  await rows(
    ctx,
    `insert into change_outbox (kind, contact_id, external_system_id, communication_id, run_id, data)
     select * from unnest($1::text[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::jsonb[])`,
    [
      changes.map((each) => each.kind),
      changes.map((each) => each.contactId ?? null),
      changes.map((each) => each.externalSystemId ?? null),
      changes.map((each) => each.communicationId ?? null),
      changes.map((each) => each.runId ?? null),
      changes.map((each) => JSON.stringify(each.data ?? {})),
    ],
  );
  ctx.afterCommit(() => ctx.bells.changes());
}
