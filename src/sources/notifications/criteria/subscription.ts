import type { Problems } from '../../../errors.js';
import type { NotificationCriteriaInput } from './criteria.input.js';
import { checkTexts } from './range.js';
import { type Step, type StepKind, type StepScene, shownSql } from './step.js';

/** Types and billing term schemes of subscriptions (N18, N19). */
export function subscriptionSteps({ subscriptionTypes, billingTermSchemes }: NotificationCriteriaInput, scene: StepScene): Step[] {
  return [
    ...(subscriptionTypes == null ? [] : [step(scene, 'SUBSCRIPTION_TYPES', 'subscriptionTypes', 'type', subscriptionTypes)]),
    ...(billingTermSchemes == null
      ? []
      : [step(scene, 'BILLING_TERM_SCHEMES', 'billingTermSchemes', 'billing_term_scheme', billingTermSchemes)]),
  ];
}

export function checkSubscription({ subscriptionTypes, billingTermSchemes }: NotificationCriteriaInput, problems: Problems): void {
  checkTexts(subscriptionTypes, problems, ['criteria', 'subscriptionTypes']);
  checkTexts(billingTermSchemes, problems, ['criteria', 'billingTermSchemes']);
}

/** The subscription notified about; otherwise any subscription of the account. */
function step(scene: StepScene, kind: StepKind, name: string, field: string, texts: readonly string[]): Step {
  const subscriptions = `from business_object s where s.account_id = a.id and s.type = 'subscription'`;
  const isOwn = scene.about === 'subscription';
  return {
    kind,
    path: [name],
    label: `The subscription's ${field.replaceAll('_', ' ')} is one of ${texts.join(', ')}`,
    level: 'OBJECT',
    predicate: (push) =>
      isOwn
        ? `o.fields ->> '${field}' = any(${push(texts)}::text[])`
        : `exists (select ${subscriptions} and s.fields ->> '${field}' = any(${push(texts)}::text[]))`,
    value: () =>
      isOwn ? shownSql(`o.fields ->> '${field}'`) : `(select jsonb_agg(s.fields ->> '${field}' order by s.id) ${subscriptions})`,
  };
}
