import type DataLoader from 'dataloader';
import { attachmentLoader } from '../../communications/attachments.resolver.js';
import { holdDraft } from '../../communications/draft.js';
import { type CommunicationRow, loadCommunications } from '../../communications/row.js';
import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { Conflict, InvalidStateTransition, NotFound } from '../../errors.js';
import { requireLocalId } from '../../graphql/node.js';
import type { DeleteDraftInput, UpdateCommunicationInput } from './manual.type.js';
import type { Writing } from './write.js';

interface Draft {
  row: CommunicationRow;
  input: Writing;
  version: number;
}

/**
 * A draft, held until the transaction ends. Anything else is INVALID_STATE_TRANSITION; one that somebody has changed since the
 * version that the caller has seen is CONFLICT (two people on one draft).
 */
export async function takeDraft(
  ctx: Context,
  { communicationId, expectedVersion }: Pick<UpdateCommunicationInput, 'communicationId' | 'expectedVersion'>,
): Promise<Draft> {
  await holdDraft(ctx, requireLocalId('Communication', communicationId, 'communication'));
  const row = await requireCommunication(ctx, communicationId);
  const draft = await first<Omit<Draft, 'row'>>(ctx, 'select input, version from draft where communication_id = $1', [row.id]);
  if (!draft) throw new InvalidStateTransition(`Only a DRAFT can be changed; this one is ${row.state}.`);
  if (expectedVersion != null && expectedVersion !== draft.version)
    throw new Conflict(`The draft has version ${draft.version} by now, not ${expectedVersion}: read it again and repeat the edit.`);
  // Another field of the same mutation may have shown it before this one changes it.
  versionLoader(ctx).clear(row.id);
  attachmentLoader(ctx).clear(row.id);
  return { row, ...draft };
}

/** Discards it; its notes go, and its files are then those of nobody, which are pruned (attachments/prune.ts). */
export async function deleteDraft(ctx: Context, input: DeleteDraftInput): Promise<void> {
  const { row } = await takeDraft(ctx, input);
  await rows(ctx, 'delete from communication where id = $1', [row.id]);
}

/** The version of each draft; null for what is none. */
export function versionLoader(ctx: Context): DataLoader<string, number | null> {
  return ctx.loader('draft version', draftVersions);
}

async function draftVersions(ctx: Context, communicationIds: readonly string[]): Promise<(number | null)[]> {
  const found = await rows<{ id: string; version: number }>(
    ctx,
    'select communication_id as id, version from draft where communication_id = any($1::uuid[])',
    [communicationIds],
  );
  const versions = new Map(found.map((each) => [each.id, each.version]));
  return communicationIds.map((id) => versions.get(id) ?? null);
}

export async function requireCommunication(ctx: Context, publicId: string): Promise<CommunicationRow> {
  const [row] = await loadCommunications(ctx, [requireLocalId('Communication', publicId, 'communication')]);
  if (!row) throw new NotFound('communication');
  return row;
}
