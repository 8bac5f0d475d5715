import type { NotificationClassification } from '../../catalogue/notifiable.js';
import { typeOf } from '../../catalogue/object-types.js';
import { resolvePath } from '../../catalogue/path.js';
import type { Content } from '../../content/content.js';
import type { Template } from '../../content/template.js';
import type { Problems } from '../../errors.js';

/** What a notification of a classification can say beside itself and its contact (G10). */
const heads: Record<NotificationClassification, (about: string) => string[]> = {
  CUSTOMER_CARE: (about) => [about],
  FINANCIAL: () => ['account', 'wallet'],
  REWARD: () => ['rewards_participant'],
};

/** Tags that tell of items of some types only. */
const itemsOf: [prefix: string, about: readonly string[]][] = [
  ['subscriptions_', ['subscription']],
  ['bills_', ['bill', 'invoice']],
  ['wallets_', ['wallet', 'wallet_transaction', 'wallet_product_consumption']],
  ['jobs_', ['job']],
  ['activities_', ['activity']],
];

/** Adds a problem for a template that is about something else, or whose tags a notification of this type cannot fill. */
export function checkWords(
  { classification, about }: { classification: NotificationClassification; about: string },
  template: Template,
  content: Content,
  problems: Problems,
): void {
  const allowed = ['contact', ...heads[classification](about)];
  const subjects = ['notification', about, ...(classification === 'FINANCIAL' ? ['account'] : []), ...allowed];
  if (template.objectType !== null && !subjects.includes(template.objectType)) {
    const words = [...new Set(subjects)].join(', ');
    problems.add(
      ['templateId'],
      'WRONG_OBJECT_TYPE',
      `The template is about a ${template.objectType}; one about ${words}, or about nothing, is needed.`,
    );
  }
  for (const tag of content.tags) {
    const path = resolvePath(tag)?.path;
    if (!path) continue;
    const head = path.steps[0] ?? '';
    if (head === 'notification') {
      const [, fits] = path.steps.length === 1 ? (itemsOf.find(([prefix]) => path.field.startsWith(prefix)) ?? []) : [];
      if (fits && !fits.includes(about))
        problems.add(['templateId'], 'UNREACHABLE_TAG', `#${tag} tells of ${fits.join(', ')}; this type notifies about ${about}.`);
    } else if (!allowed.includes(head) && typeOf(head).storage !== 'NONE') {
      problems.add(
        ['templateId'],
        'UNREACHABLE_TAG',
        `#${tag} is out of reach of a ${classification} notification about ${about}: it has notification and ${allowed.join(', ')} tags.`,
      );
    }
  }
}
