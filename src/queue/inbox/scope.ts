import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { NotFound, Problems } from '../../errors.js';
import { localId } from '../../graphql/node.js';

/** Whose inbox, and which systems' entries: fixed when a query or subscription begins. */
export interface InboxScope {
  contactId: string;
  /** Undefined: all systems with `contactInbox`, also those that are made later. */
  systemIds: readonly string[] | undefined;
  /** It is the contact who reads: systems that do not feed inboxes do not exist for it, named or not. */
  reader?: boolean | undefined;
}

export interface InboxArgs {
  contactExternalId?: string | null | undefined;
  externalSystemIds?: readonly string[] | null | undefined;
}

/** Finds out whose inbox is meant, and whether the caller may see it; what it may not see does not exist. */
export async function inboxScope(ctx: Context, args: InboxArgs): Promise<InboxScope> {
  const { role, subject } = ctx.viewer;
  const externalId = args.contactExternalId ?? (role === 'CONTACT' ? subject : undefined);
  const problems = new Problems();
  if (externalId == null) problems.add(['contactExternalId'], 'REQUIRED', `Say whose inbox: a token for ${role} names no contact.`);
  problems.throwIfAny();
  if (role === 'CONTACT' && externalId !== subject) throw new NotFound('contact');
  const contact = await first<{ id: string }>(ctx, 'select id from contact where external_id = $1', [externalId]);
  if (!contact) throw new NotFound('contact');
  return { contactId: contact.id, systemIds: await systemScope(ctx, args.externalSystemIds), reader: role === 'CONTACT' };
}

async function systemScope(ctx: Context, given: readonly string[] | null | undefined): Promise<readonly string[] | undefined> {
  const { role, subject } = ctx.viewer;
  const own =
    role === 'EXTERNAL_SYSTEM' ? await first<{ id: string }>(ctx, 'select id from external_system where code = $1', [subject]) : undefined;
  if (role === 'EXTERNAL_SYSTEM' && !own) throw new NotFound('external system');
  if (given == null) return own && [own.id];
  const ids = given.map((each) => localId('ExternalSystem', each));
  const known = await rows<{ id: string }>(
    ctx,
    `select id from external_system where id = any($1::uuid[]) and deleted_at is null and ($2::uuid is null or id = $2) and (contact_inbox or $3)`,
    [ids.filter((each) => each !== undefined), own?.id ?? null, role !== 'CONTACT'],
  );
  if (known.length !== new Set(given).size) throw new NotFound('external system');
  return known.map((each) => each.id);
}

/** Entries of the scope, as SQL over `communication c`; with no systems named, of those that feed inboxes, or fed them by `feeds` over a system `s`. */
export function inScope(scope: InboxScope, parameters: unknown[], feeds = 's.contact_inbox'): string {
  const conditions = [`c.contact_id = $${parameters.push(scope.contactId)}`];
  if (scope.systemIds) conditions.push(`c.external_system_id = any($${parameters.push(scope.systemIds)}::uuid[])`);
  if (asksWhoFeeds(scope)) conditions.push(`c.external_system_id in (select s.id from external_system s where ${feeds})`);
  return conditions.join(' and ');
}

/** Whether it matters to the scope which systems feed inboxes. */
export function asksWhoFeeds({ systemIds, reader }: InboxScope): boolean {
  return systemIds === undefined || reader === true;
}

/** Whether a system fed inboxes once all changes up to a position had been handled, as SQL over `external_system s`. */
export function fedAt(position: string): string {
  return `(s.contact_inbox <> (s.inbox_since > ${position}))`;
}

/** What an inbox holds (the contract, `inbox`): waiting or handed over, and not expired. */
export const nowInInbox = `(c.state in ('PENDING', 'COMPLETED') and (c.expires_at is null or c.expires_at > clock_timestamp()))`;
