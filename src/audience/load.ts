import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { NotFound } from '../errors.js';

/** A contact as other stages read it; addresses beside the primary ones are in contact_point. */
export interface ContactRow {
  id: string;
  externalId: string;
  name: string;
  firstName: string | null;
  lastName: string | null;
  preferredLanguage: string | null;
  timeZone: string | null;
  directMarketing: boolean;
  affiliateMarketing: boolean;
  email: string | null;
  phone: string | null;
  attributes: Record<string, unknown>;
  fields: Record<string, unknown>;
  createdAt: Date;
  updatedAt: Date;
}

/** The columns of a ContactRow, of the table under that alias. */
export function contactColumns(alias = 'contact'): string {
  return [
    'id',
    'external_id as "externalId"',
    'name',
    'first_name as "firstName"',
    'last_name as "lastName"',
    'preferred_language as "preferredLanguage"',
    'time_zone as "timeZone"',
    'direct_marketing as "directMarketing"',
    'affiliate_marketing as "affiliateMarketing"',
    'email',
    'phone',
    'attributes',
    'fields',
    'created_at as "createdAt"',
    'updated_at as "updatedAt"',
  ]
    .map((each) => `${alias}.${each}`)
    .join(', ');
}

/** The contacts with these ids, in that order; those of one request in one statement. Whether the viewer may see them is asked before. */
export async function loadContacts(ctx: Context, ids: readonly string[]): Promise<(ContactRow | Error)[]> {
  return await contactLoader(ctx).loadMany(ids);
}

/** The contact with that id, which must be there: a row refers to it. */
export async function loadContact(ctx: Context, id: string): Promise<ContactRow> {
  return await contactLoader(ctx).load(id);
}

function contactLoader(ctx: Context) {
  return ctx.loader<string, ContactRow>('contact', async (of, ids) => {
    const found = await rows<ContactRow>(of, `select ${contactColumns('c')} from contact c where c.id = any($1::uuid[])`, [ids]);
    const byId = new Map(found.map((each) => [each.id, each]));
    return ids.map((id) => byId.get(id) ?? new NotFound('contact'));
  });
}

/** The contact with that external id, if the viewer may see it: administrators and agents see all, a CONTACT itself. */
export async function findContact(ctx: Context, externalId: string): Promise<ContactRow | null> {
  if (!maySee(ctx, externalId) || externalId.includes('\0')) return null;
  return (await first<ContactRow>(ctx, `select ${contactColumns('c')} from contact c where c.external_id = $1`, [externalId])) ?? null;
}

/** As findContact, and NOT_FOUND where there is none. */
export async function requireContact(ctx: Context, externalId: string): Promise<ContactRow> {
  const found = await findContact(ctx, externalId);
  if (!found) throw new NotFound('contact');
  return found;
}

/** Whether the viewer may ask for the contact by its id. External systems meet contacts through their queue entries only. */
export function maySee(ctx: Context, externalId: string): boolean {
  const { role, subject } = ctx.viewer;
  return role === 'ADMIN' || role === 'AGENT' || (role === 'CONTACT' && subject === externalId);
}
