import { type Medium, queueingMedia } from '../catalogue/medium.js';
import { appendChanges } from '../changes/append.js';
import type { Context } from '../context.js';
import { takeTurns } from '../database/lock.js';
import { first, rows } from '../database/sql.js';
import { usersOf } from '../database/users-of.js';
import { Conflict, NotFound, Problems } from '../errors.js';
import { codeFrom } from '../graphql/code.js';
import { localId } from '../graphql/node.js';
import type { CreateExternalSystemInput, UpdateExternalSystemInput } from './externalSystem.type.js';
import { type ExternalSystem, externalSystemColumns } from './systems.js';

/** What a system is made of, as the API or the command line gives it. */
export type NewExternalSystem = Omit<CreateExternalSystemInput, 'idempotencyKey'>;

/** Everything of a system that a statement writes. */
type Written = Omit<ExternalSystem, 'id' | 'createdAt' | 'updatedAt' | 'deletedAt'>;

const mostCharacters = 1_000_000;
const mostAttempts = 1_000;
const longestLease = 3_600;

export async function createExternalSystem(ctx: Context, input: NewExternalSystem): Promise<ExternalSystem> {
  const problems = new Problems();
  const name = input.name.trim();
  const written: Written = {
    name,
    code: input.code?.trim() || codeFrom(name),
    media: [...new Set(input.media)],
    contactInbox: input.contactInbox ?? false,
    characterLimit: input.characterLimit ?? null,
    description: input.description?.trim() || null,
    enabled: input.enabled ?? true,
    provisioningProvider: input.provisioningProvider?.trim() || null,
    usableByUnits: unitsOf(input.usableByUnits),
    maxAttempts: input.maxAttempts ?? null,
    leaseSeconds: input.leaseSeconds ?? 60,
  };
  await check(ctx, problems, written, undefined);
  problems.throwIfAny();
  const made = await first<ExternalSystem>(
    ctx,
    `insert into external_system as s (name, code, media, contact_inbox, character_limit, description, enabled, provisioning_provider,
       usable_by_units, max_attempts, lease_seconds)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning ${externalSystemColumns}`,
    valuesOf(written),
  );
  if (!made) throw new Error('An insert answers its row');
  return made;
}

/** A field left out keeps its value. A medium of which entries wait cannot be taken away. */
export async function updateExternalSystem(ctx: Context, input: UpdateExternalSystemInput): Promise<ExternalSystem> {
  const before = await lockSystem(ctx, input.externalSystemId, input.media == null ? 'no key update' : 'update');
  const problems = new Problems();
  const or = <Value>(given: Value | undefined, old: Value): Value => (given === undefined ? old : given);
  const written: Written = {
    name: input.name?.trim() ?? before.name,
    code: before.code,
    media: input.media == null ? before.media : [...new Set(input.media)],
    contactInbox: input.contactInbox ?? before.contactInbox,
    characterLimit: or(input.characterLimit, before.characterLimit),
    description: input.description === undefined ? before.description : input.description?.trim() || null,
    enabled: input.enabled ?? before.enabled,
    provisioningProvider:
      input.provisioningProvider === undefined ? before.provisioningProvider : input.provisioningProvider?.trim() || null,
    usableByUnits: input.usableByUnits === undefined ? before.usableByUnits : unitsOf(input.usableByUnits),
    maxAttempts: or(input.maxAttempts, before.maxAttempts),
    leaseSeconds: input.leaseSeconds ?? before.leaseSeconds,
  };
  await check(ctx, problems, written, before.id);
  problems.throwIfAny();
  await refuseWaiting(
    ctx,
    before,
    before.media.filter((each) => !written.media.includes(each)),
  );
  const changed = await first<ExternalSystem>(
    ctx,
    `update external_system s set name = $1, code = $2, media = $3, contact_inbox = $4, character_limit = $5, description = $6, enabled = $7,
       provisioning_provider = $8, usable_by_units = $9, max_attempts = $10, lease_seconds = $11, updated_at = clock_timestamp()
     where s.id = $12 returning ${externalSystemColumns}`,
    [...valuesOf(written), before.id],
  );
  if (!changed) throw new NotFound('external system');
  // Whoever waits for its work looks at it again: it may have been disabled, or enabled.
  await appendChanges(ctx, [{ kind: 'queue.filled', externalSystemId: before.id }]);
  if (changed.contactInbox !== before.contactInbox) await tellInboxes(ctx, before.id);
  return changed;
}

/** All devices of all contacts that have its entries begin anew: one change, however many they are (docs/decisions/0030-inboxes-begin-anew.md). */
async function tellInboxes(ctx: Context, systemId: string): Promise<void> {
  await rows(ctx, 'select place_inbox_switch($1)', [systemId]);
  ctx.afterCommit(() => ctx.bells.changes());
}

/**
 * Refused while entries wait (X19) or something names it. Its keys end with it, what it handed over leaves the inboxes, and it
 * is kept without its code, for the history of what it was sent.
 */
export async function deleteExternalSystem(ctx: Context, publicId: string): Promise<void> {
  const system = await lockSystem(ctx, publicId, 'update');
  const { count = 0 } =
    (await first<{ count: number }>(ctx, 'select count(*)::int as count from queue_entry where external_system_id = $1', [system.id])) ??
    {};
  if (count > 0)
    throw new Conflict(`${count} ${count === 1 ? 'entry waits' : 'entries wait'} for ${system.name}: settle them first, or disable it.`);
  const users = await usersOf(ctx, 'external_system', system.id);
  if (users !== '') throw new Conflict(`The external system ${system.name} is used by ${users}.`);
  await rows(
    ctx,
    `update api_key set revoked_at = clock_timestamp() where role = 'EXTERNAL_SYSTEM' and subject = $1 and revoked_at is null`,
    [system.code],
  );
  await rows(
    ctx,
    `update external_system set deleted_at = clock_timestamp(), former_code = code, code = null, enabled = false, contact_inbox = false,
       provisioning_provider = null, updated_at = clock_timestamp() where id = $1`,
    [system.id],
  );
  await appendChanges(ctx, [{ kind: 'queue.filled', externalSystemId: system.id }]);
  if (system.contactInbox) await tellInboxes(ctx, system.id);
}

/** `update` waits for whoever queues for the system right now, and makes others wait; `no key update` does not. */
export async function lockSystem(ctx: Context, publicId: string, lock: 'no key update' | 'update'): Promise<ExternalSystem> {
  const id = localId('ExternalSystem', publicId);
  const found =
    id &&
    (await first<ExternalSystem>(
      ctx,
      `select ${externalSystemColumns} from external_system s where s.id = $1 and s.deleted_at is null for ${lock}`,
      [id],
    ));
  if (!found) throw new NotFound('external system');
  return found;
}

async function refuseWaiting(ctx: Context, system: ExternalSystem, removed: readonly Medium[]): Promise<void> {
  if (removed.length === 0) return;
  const waiting = await rows<{ medium: Medium; count: number }>(
    ctx,
    'select medium, count(*)::int as count from queue_entry where external_system_id = $1 and medium = any($2::text[]) group by 1 order by 1',
    [system.id, removed],
  );
  if (waiting.length === 0) return;
  const words = waiting.map(({ medium, count }) => `${count} of ${medium}`).join(' and ');
  throw new Conflict(`Entries wait for ${system.name}: ${words}. Settle them before the medium is taken away.`);
}

async function check(ctx: Context, problems: Problems, written: Written, except: string | undefined): Promise<void> {
  const { name, code, media, characterLimit, provisioningProvider, usableByUnits, maxAttempts, leaseSeconds } = written;
  if (name === '' || name.length > 200 || /\p{Cc}/u.test(name))
    problems.add(['name'], 'INVALID', 'A name has 1 to 200 characters, in one line.');
  if (!/^[\w.-]{1,100}$/.test(code)) problems.add(['code'], 'INVALID', 'A code has 1 to 100 letters, digits, dots, dashes or underscores.');
  if (media.length === 0) problems.add(['media'], 'REQUIRED', `Give at least one medium of ${queueingMedia.join(', ')}.`);
  for (const [index, medium] of media.entries()) {
    if (!queueingMedia.includes(medium))
      problems.add(['media', index], 'NOT_QUEUED', `${medium} never queues; give media of ${queueingMedia.join(', ')}.`);
  }
  const range = (path: string, value: number | null, most: number) => {
    if (value !== null && (value < 1 || value > most)) problems.add([path], 'OUT_OF_RANGE', `${value} is out of range: 1 to ${most}.`);
  };
  range('characterLimit', characterLimit, mostCharacters);
  range('maxAttempts', maxAttempts, mostAttempts);
  range('leaseSeconds', leaseSeconds, longestLease);
  if ((written.description ?? '').length > 2_000) problems.add(['description'], 'TOO_LONG', 'A description has at most 2,000 characters.');
  if (provisioningProvider !== null && !media.includes('DEVICE'))
    problems.add(['provisioningProvider'], 'NEEDS_DEVICE', 'Only a system whose media include DEVICE has a provisioning provider.');
  if (provisioningProvider !== null && !/^[^\p{Cc}]{1,100}$/u.test(provisioningProvider))
    problems.add(['provisioningProvider'], 'INVALID', 'A provisioning provider has 1 to 100 characters, in one line.');
  for (const [index, unit] of (usableByUnits ?? []).entries()) {
    if (!/^[\w.-]{1,100}$/.test(unit))
      problems.add(['usableByUnits', index], 'INVALID', 'The code of a unit has 1 to 100 letters, digits, dots, dashes or underscores.');
  }
  await checkTaken(ctx, problems, written, except);
}

/** What is free stays so until the transaction ends. */
async function checkTaken(
  ctx: Context,
  problems: Problems,
  { name, code, provisioningProvider }: Written,
  except: string | undefined,
): Promise<void> {
  if (problems.list.length > 0) return;
  await takeTurns(ctx, 'external_system.names');
  const taken = await rows<{ name: boolean; code: boolean; provider: boolean; by: string }>(
    ctx,
    `select name = $1 as name, code = $2 as code, provisioning_provider is not distinct from $3::text as provider, name as by from external_system
     where (name = $1 or code = $2 or provisioning_provider = $3) and deleted_at is null and id is distinct from $4::uuid`,
    [name, code, provisioningProvider, except ?? null],
  );
  for (const each of taken) {
    if (each.name) problems.add(['name'], 'TAKEN', `There is an external system ${JSON.stringify(name)} already.`);
    if (each.code) problems.add(['code'], 'TAKEN', `There is an external system with the code ${JSON.stringify(code)} already.`);
    if (provisioningProvider !== null && each.provider)
      problems.add(['provisioningProvider'], 'TAKEN', `The external system ${each.by} has this provisioning provider already.`);
  }
}

function unitsOf(given: readonly string[] | null | undefined): string[] | null {
  return given == null ? null : [...new Set(given.map((each) => each.trim()))];
}

function valuesOf(written: Written): unknown[] {
  return [
    written.name,
    written.code,
    written.media,
    written.contactInbox,
    written.characterLimit,
    written.description,
    written.enabled,
    written.provisioningProvider,
    written.usableByUnits,
    written.maxAttempts,
    written.leaseSeconds,
  ];
}
