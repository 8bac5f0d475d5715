import { createTemplate } from '../../content/template-write.js';
import type { Context } from '../../context.js';
import { first } from '../../database/sql.js';
import { startRun } from '../../generate/run.js';
import { publicId } from '../../graphql/node.js';
import { transact } from '../../graphql/request.js';
import { createExternalSystem } from '../../queue/system-write.js';
import { findExternalSystem } from '../../queue/systems.js';
import { createPlan } from '../../sources/plans/create.js';
import { seedAudience } from './company.js';
import { emailTemplate, inboxTemplate } from './words.js';

export interface Seeded {
  contacts: number;
  segments: number;
  templates: number;
  plans: number;
}

const portalCode = 'portal';

/** Whether the demo company is in this database. */
export async function hasCompany(ctx: Context): Promise<boolean> {
  return (await findExternalSystem(ctx, portalCode)) !== null;
}

/**
 * The demo company, all or nothing: its people and facts, and what an administrator would set up: a portal with inboxes,
 * templates in two languages, and a plan that runs once, as soon as a worker is there.
 */
export async function seedCompany(context: Context): Promise<Seeded> {
  return await transact(context, async (ctx) => {
    const { segments } = await seedAudience(ctx, ctx.now());
    const planId = await setUpOffer(ctx, segments['Everyone'] ?? '');
    await startRun(ctx, { planId });
    const found = await first<{ contacts: number }>(ctx, 'select count(*)::int as contacts from contact');
    return { contacts: found?.contacts ?? 0, segments: Object.keys(segments).length, templates: 2, plans: 1 };
  });
}

/** The portal, the templates and the plan "Autumn offer" to the members of the segment. Answers the plan's id. */
async function setUpOffer(ctx: Context, segmentId: string): Promise<string> {
  const portal = await createExternalSystem(ctx, {
    name: 'Customer portal',
    code: portalCode,
    media: ['DEVICE'],
    contactInbox: true,
    description: 'The inbox of each customer, in the app and on the web.',
  });
  const email = await createTemplate(ctx, emailTemplate);
  const inbox = await createTemplate(ctx, inboxTemplate);
  const plan = await createPlan(ctx, {
    name: 'Autumn offer',
    code: 'autumn_offer',
    description: 'Ten percent on top of what customers pay in: by e-mail, and into the portal.',
    includeSegmentIds: [publicId('Segment', segmentId)],
    applyDirectMarketingPreference: true,
    messages: [
      { medium: 'EMAIL', templateId: publicId('Template', email.id) },
      { medium: 'DEVICE', templateId: publicId('Template', inbox.id), externalSystemId: publicId('ExternalSystem', portal.id) },
    ],
  });
  return plan.id;
}
