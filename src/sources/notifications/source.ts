import { loadContents } from '../../content/load.js';
import { loadTemplates } from '../../content/template.js';
import type { Context } from '../../context.js';
import { takeTurns } from '../../database/lock.js';
import { first } from '../../database/sql.js';
import { Invalid, Problems } from '../../errors.js';
import { freezeMessages } from '../../generate/message.js';
import type { FrozenRun } from '../../generate/run.js';
import type { ClaimedRun, Prepared, RunSource } from '../../generate/source.js';
import type { Candidate, Who } from '../../generate/why/step.js';
import { loadSteps } from './criteria/steps.js';
import { explainType, typeFunnel } from './explain.js';
import { loadNotificationType, type NotificationType } from './notification-type.js';
import { writeNotifications } from './notify.js';
import { recipientsOf } from './recipients.js';
import { checkWords } from './words.js';

/** What somebody waits for goes before campaigns (E8x); offers are campaigns. Smaller goes first. */
const priorities = { FINANCIAL: 5, CUSTOMER_CARE: 5, REWARD: 7 } as const;

/** A notification type as the cause of a run. */
export const notificationSource: RunSource = {
  async prepare(ctx: Context, run: ClaimedRun): Promise<Prepared> {
    const type = await typeOf(ctx, run.notificationTypeId);
    if (!type.active) throw refused('The notification type is not active.');
    const medium = await mediumOf(ctx, type);
    if (!run.rehearsed) await waitForOthers(ctx, type);
    const { classification, about, templateId, externalSystemId, addressType } = type;
    const message = { medium, templateId, contentId: null, externalSystemId, categoryId: null, addressType };
    const messages = await freezeMessages(ctx, [message], { expiresAt: null, path: ['notificationTypeId'] });
    const settings = {
      origin: 'NOTIFICATION',
      priority: priorities[classification],
      objectType: { CUSTOMER_CARE: about, FINANCIAL: 'account', REWARD: 'rewards_participant' }[classification],
      // Nobody can opt out of what concerns their account (N34).
      applyDirectMarketing: classification !== 'FINANCIAL' && type.applyDirectMarketingPreference,
      applyAffiliateMarketing: classification !== 'FINANCIAL' && type.applyAffiliateMarketingPreference,
    };
    const steps = await loadSteps(ctx, type);
    const funnel = async (inside: Context) => await typeFunnel(inside, type, steps);
    return { recipients: recipientsOf(type, steps), messages, settings, funnel };
  },

  async explain(ctx: Context, run: ClaimedRun, who: Who): Promise<Candidate[]> {
    const type = await typeOf(ctx, run.notificationTypeId);
    return await explainType(ctx, type, await loadSteps(ctx, type), who);
  },

  async notify(ctx: Context, run: FrozenRun, part): Promise<void> {
    const found = await first<{ id: string }>(ctx, 'select notification_type_id as id from run where id = $1', [run.id]);
    await writeNotifications(ctx, run, await typeOf(ctx, found?.id ?? null), part);
  },
};

/** The words must still be what they were when the type was saved: the template may have been edited since. */
async function mediumOf(ctx: Context, type: NotificationType) {
  const template = (await loadTemplates(ctx, [type.templateId])).get(type.templateId);
  const content = template && (await loadContents(ctx, [template.contentId])).get(template.contentId);
  if (!template || !content) throw refused('The template is not there any more.');
  const problems = new Problems();
  checkWords(type, template, content, problems);
  problems.throwIfAny();
  return template.medium;
}

/**
 * Runs whose histories look at each other match one after the other, until the transaction ends: the second one sees whom the
 * first has matched. In one order for all, so that two never wait for each other.
 */
async function waitForOthers(ctx: Context, type: NotificationType): Promise<void> {
  if (type.criteria.history == null) {
    await takeTurns(ctx, turnOf(type.id));
    return;
  }
  for (const id of [...new Set([type.id, ...type.historyTypeIds])].toSorted()) await takeTurns(ctx, turnOf(id));
}

function turnOf(typeId: string): string {
  return `notifications.${typeId}`;
}

async function typeOf(ctx: Context, id: string | null): Promise<NotificationType> {
  const type = id === null ? null : await loadNotificationType(ctx, id);
  if (!type) throw refused('The notification type is not there any more.');
  return type;
}

function refused(message: string): Invalid {
  return new Invalid([{ path: ['notificationTypeId'], code: 'CANNOT_RUN', message }]);
}
