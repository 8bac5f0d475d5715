import { loadContact } from '../../audience/load.js';
import { refusalSql } from '../../communications/consent.js';
import { type CommunicationRow, communicationColumns, loadCommunications, numberOf } from '../../communications/row.js';
import { limitsOf } from '../../content/limits.js';
import { loadContents } from '../../content/load.js';
import type { Context } from '../../context.js';
import { databaseNow } from '../../database/clock.js';
import { first, rows } from '../../database/sql.js';
import { Conflict, InvalidStateTransition, NotFound, Problems } from '../../errors.js';
import { insertCommunications } from '../../generate/insert.js';
import { localId, requireLocalId } from '../../graphql/node.js';
import { checkChosen, type ExternalSystem, loadExternalSystems } from '../../queue/systems.js';
import { readSettings } from '../../settings/settings.js';
import { addressOf } from './address.js';
import type { RetryCommunicationInput } from './resend.type.js';
import { manualPriority } from './write.js';

interface Rejected extends CommunicationRow {
  /** As it is kept, which may lag behind its expiry. */
  stored: string;
  ruleId: string | null;
  consentRunId: string | null;
  asksDirect: boolean | null;
  asksAffiliate: boolean | null;
  refused: boolean;
}

/**
 * Tries a rejected communication again, as a new one with the same text and the values of then (AMB-3); the rejected one stays as
 * it is. Where it goes, who carries it and when it expires may be others. Once for each: what is rejected again is retried itself.
 */
export async function retryCommunication(ctx: Context, input: RetryCommunicationInput): Promise<CommunicationRow> {
  const row = await lockRejected(ctx, requireLocalId('Communication', input.communicationId, 'communication'));
  const problems = new Problems();
  if (await isRetracted(ctx, row.runId ?? row.consentRunId))
    problems.add(['communicationId'], 'RETRACTED', 'Its run was retracted: what it said is not sent again.');
  if (row.refused) problems.add(['communicationId'], 'OPTED_OUT', 'The contact has opted out of what it belongs to.');
  const system = await systemOf(ctx, row, input, problems);
  const contact = await loadContact(ctx, row.contactId);
  const to = input.to ?? row.address;
  const settings = await readSettings(ctx);
  const { countries } = settings;
  const address = addressOf({ contact, medium: row.medium, to, needed: !system?.contactInbox, path: [], problems, countries });
  const expiresAt = await expiryOf(ctx, row, input, problems);
  problems.throwIfAny();
  const content = (await loadContents(ctx, [row.contentId])).get(row.contentId);
  if (!content) throw new Error(`Content ${row.contentId} is missing`);
  const { firstId } = await insertCommunications(ctx, {
    picked: (parameters) => {
      const place = (value: unknown, type: string) => `$${parameters.push(value)}::${type}`;
      return `select 1::bigint as ordinal, ${place(row.contactId, 'uuid')} as contact_id, ${place(row.accountId, 'uuid')} as account_id,
        ${place(row.objectId, 'uuid')} as object_id, ${place(row.language, 'text')} as language, ${place(address, 'text')} as address,
        ${place(JSON.stringify(row.tagValues), 'jsonb')} as tag_values, ${place(row.zoneOffset, 'smallint')} as zone_offset`;
    },
    carries: { values: true },
    medium: row.medium,
    content,
    origin: 'MANUAL',
    externalSystemId: system?.id ?? null,
    categoryId: row.categoryId,
    runId: null,
    ruleId: row.ruleId,
    ...(row.asksDirect !== null && { asks: { applyDirectMarketing: row.asksDirect, applyAffiliateMarketing: row.asksAffiliate === true } }),
    objectType: row.objectType,
    expiresAt,
    priority: manualPriority,
    limits: limitsOf(settings, row.medium, system?.characterLimit ?? null),
    begin: {
      direction: 'OUTGOING',
      state: 'PENDING',
      followUpOf: row.followUpOfId,
      createdBy: ctx.viewer.subject,
      retryOf: row.id,
      consentRunId: row.runId ?? row.consentRunId,
    },
  });
  if (row.ownedByUnit !== null) await rows(ctx, 'update communication set owned_by_unit = $2 where id = $1', [firstId, row.ownedByUnit]);
  await rows(
    ctx,
    `insert into communication_attachment (communication_id, attachment_id, place)
     select $2, attachment_id, place from communication_attachment where communication_id = $1`,
    [row.id, firstId],
  );
  const [made] = await loadCommunications(ctx, [firstId ?? '']);
  if (!made) throw new Error('What was inserted can be read');
  return made;
}

/** Locked, so that of two who try at the same time one learns of the other. */
async function lockRejected(ctx: Context, id: string): Promise<Rejected> {
  const row = await first<Rejected>(
    ctx,
    `select ${communicationColumns}, c.state as stored, c.rule_id as "ruleId", c.consent_run_id as "consentRunId",
       c.asks_direct_marketing as "asksDirect", c.asks_affiliate_marketing as "asksAffiliate",
       (${refusalSql.direct}) or (${refusalSql.affiliate}) as refused
     from communication c join contact k on k.id = c.contact_id ${refusalSql.joins} where c.id = $1 for no key update of c`,
    [id],
  );
  if (!row) throw new NotFound('communication');
  if (row.state !== 'REJECTED') throw new InvalidStateTransition(`Only a rejected communication is tried again; this one is ${row.state}.`);
  if (row.stored !== 'REJECTED') throw new Conflict('Its time has just passed, and it may be on its way still; try again in a minute.');
  // Read again, now that nobody else holds it.
  const retried = await first<{ seq: number }>(ctx, 'select seq from communication where retry_of = $1', [id]);
  if (retried) throw new Conflict(`It was tried again as ${numberOf(retried)}; look there.`);
  return row;
}

/** Whether the run is being taken back. Locked, so that a retraction either is seen here, or sees what is made here. */
async function isRetracted(ctx: Context, runId: string | null): Promise<boolean> {
  if (runId === null) return false;
  const run = await first<{ retracted: boolean }>(
    ctx,
    'select retract_requested_at is not null as retracted from run where id = $1 for key share',
    [runId],
  );
  return run?.retracted ?? false;
}

/** Left out: the one before; null: the engine itself. */
async function systemOf(
  ctx: Context,
  row: Rejected,
  { externalSystemId }: RetryCommunicationInput,
  problems: Problems,
): Promise<ExternalSystem | undefined> {
  const id =
    externalSystemId === undefined ? row.externalSystemId : externalSystemId && (localId('ExternalSystem', externalSystemId) ?? '');
  if (id === null) return undefined;
  const system = id === '' ? undefined : (await loadExternalSystems(ctx, [id])).get(id);
  if (!system) problems.add(['externalSystemId'], 'NOT_FOUND', 'There is no such external system; give another, or null for the engine.');
  else checkChosen(system, problems, ['externalSystemId']);
  return system;
}

/** Left out: the time before, where it has not passed; else the lifetime that the settings give its medium. */
async function expiryOf(ctx: Context, row: Rejected, { expiresAt }: RetryCommunicationInput, problems: Problems) {
  const now = await databaseNow(ctx);
  if (expiresAt === undefined) return row.expiresAt !== null && row.expiresAt > now ? row.expiresAt : undefined;
  if (expiresAt !== null && new Date(expiresAt) <= now) problems.add(['expiresAt'], 'IN_THE_PAST', 'The expiry must be in the future.');
  return expiresAt;
}
