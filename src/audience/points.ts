import type { Context } from '../context.js';
import { rows } from '../database/sql.js';

/** An e-mail address or a phone of a contact. */
export interface ContactPoint {
  contactId: string;
  kind: 'EMAIL' | 'PHONE';
  type: string;
  address: string;
  primary: boolean;
}

/** The addresses of a contact, in the order in which they were given; those of one request in one statement. */
export async function pointsOf(ctx: Context, contactId: string): Promise<ContactPoint[]> {
  const loader = ctx.loader<string, ContactPoint[]>('contact points', async (of, ids) => {
    const found = await rows<ContactPoint>(
      of,
      `select contact_id as "contactId", kind, type, address, is_primary as "primary"
       from contact_point where contact_id = any($1::uuid[]) order by kind, place`,
      [ids],
    );
    const byContact = Map.groupBy(found, (each) => each.contactId);
    return ids.map((id) => byContact.get(id) ?? []);
  });
  return await loader.load(contactId);
}
