import type { Medium } from '../catalogue/medium.js';
import type { Context } from '../context.js';
import { prepared } from '../database/prepared.js';
import { first, type HasEntityManager, rows } from '../database/sql.js';
import { Conflict, NotFound, Problems } from '../errors.js';
import { requireLocalId } from '../graphql/node.js';

/** A third-party portal, app or gateway that works off a queue of its own (X1). */
export interface ExternalSystem {
  id: string;
  name: string;
  /** The `sub` of its tokens; never changes. */
  code: string;
  media: Medium[];
  contactInbox: boolean;
  characterLimit: number | null;
  description: string | null;
  /** False: its entries wait, and it cannot be chosen for new ones. */
  enabled: boolean;
  /** Who processes its DEVICE entries (X8). */
  provisioningProvider: string | null;
  /** Codes of business units; null: every unit (X9). */
  usableByUnits: string[] | null;
  /** Ended leases after which an entry is REJECTED; null: none. */
  maxAttempts: number | null;
  /** How long a lease lasts that names no time. */
  leaseSeconds: number;
  createdAt: Date;
  updatedAt: Date;
  /** Since when it is only there for what it was sent. */
  deletedAt: Date | null;
}

export const externalSystemColumns = `s.id, s.name, coalesce(s.code, s.former_code) as code, s.media, s.contact_inbox as "contactInbox", s.character_limit as "characterLimit", s.description,
  s.enabled, s.provisioning_provider as "provisioningProvider", s.usable_by_units as "usableByUnits", s.max_attempts as "maxAttempts",
  s.lease_seconds as "leaseSeconds", s.created_at as "createdAt", s.updated_at as "updatedAt",
  s.deleted_at as "deletedAt"`;

/** Those that can be named; one that was deleted cannot. */
export async function loadExternalSystems(ctx: HasEntityManager, ids: readonly string[]): Promise<Map<string, ExternalSystem>> {
  const found = await loadSystemsEver(ctx, ids);
  return new Map([...found].filter(([, { deletedAt }]) => deletedAt === null));
}

/** Those that are and those that were, for what they were sent. */
export async function loadSystemsEver(ctx: HasEntityManager, ids: readonly string[]): Promise<Map<string, ExternalSystem>> {
  const text = `select ${externalSystemColumns} from external_system s where s.id = any($1::uuid[])`;
  const found = await rows<ExternalSystem>(ctx, text, [ids]);
  return new Map(found.map((each) => [each.id, each]));
}

export async function findExternalSystem(ctx: HasEntityManager, code: string): Promise<ExternalSystem | null> {
  return (
    (await first<ExternalSystem>(ctx, prepared(`select ${externalSystemColumns} from external_system s where s.code = $1`), [code])) ?? null
  );
}

/** The system that a provisioning provider is tied to (X16). */
export async function findSystemOfProvider(ctx: HasEntityManager, provider: string): Promise<ExternalSystem | null> {
  const text = `select ${externalSystemColumns} from external_system s where s.provisioning_provider = $1`;
  return (await first<ExternalSystem>(ctx, text, [provider])) ?? null;
}

/**
 * The system of what is about to be queued, kept from being deleted, and its media from being changed, until the transaction
 * ends: what is queued has no foreign key.
 */
export async function keepSystem(ctx: HasEntityManager, id: string): Promise<ExternalSystem> {
  const text = `select ${externalSystemColumns} from external_system s where s.id = $1 and s.deleted_at is null for key share`;
  const found = await first<ExternalSystem>(ctx, text, [id]);
  if (!found) throw new NotFound('external system');
  return found;
}

/** Adds a problem for a system that cannot be chosen for what is written now. */
export function checkChosen(system: ExternalSystem, problems: Problems, path: (string | number)[]): void {
  if (!system.enabled) problems.add(path, 'DISABLED', `The external system ${system.name} is disabled; enable it, or choose another.`);
}

/** Work is handed out by systems that are enabled only; what is held may still be settled. */
export function requireEnabled(system: ExternalSystem): void {
  if (!system.enabled) throw new Conflict(disabledWords(system));
}

export function disabledWords({ name }: Pick<ExternalSystem, 'name'>): string {
  return `The external system ${name} is disabled: its entries wait until it is enabled again.`;
}

/** Why the queue refuses a medium for a system (X10). */
export function unsupportedWords({ name, media }: ExternalSystem, medium: Medium): string {
  return `${name} processes ${media.join(', ')}, not ${medium}.`;
}

/** The system that a queue operation concerns: an EXTERNAL_SYSTEM token names its own, others pass the id. */
export async function requireSystem(ctx: Context, publicId: string | null | undefined): Promise<ExternalSystem> {
  const { role, subject } = ctx.viewer;
  if (role === 'EXTERNAL_SYSTEM') {
    const own = await findExternalSystem(ctx, subject);
    if (!own || (publicId != null && requireLocalId('ExternalSystem', publicId, 'external system') !== own.id))
      throw new NotFound('external system');
    return own;
  }
  const problems = new Problems();
  if (publicId == null) problems.add(['externalSystemId'], 'REQUIRED', `Say which external system: a token for ${role} names none.`);
  problems.throwIfAny();
  const id = requireLocalId('ExternalSystem', publicId ?? '', 'external system');
  const found = (await loadExternalSystems(ctx, [id])).get(id);
  if (!found) throw new NotFound('external system');
  return found;
}
