import type { Problems } from '../../../errors.js';
import { amountSql, countedSql } from '../amount.js';
import type { NotificationCriteriaInput } from './criteria.input.js';
import { checkRange, rangeSql, rangeWords } from './range.js';
import { type Step, type StepScene, shownSql } from './step.js';

/** The sum of what one notification tells of (N20). */
export function totalSteps({ totalPerNotification }: NotificationCriteriaInput, { about }: StepScene): Step[] {
  if (totalPerNotification == null) return [];
  const total = `coalesce(sum(${amountSql(about, 'o')}) filter (where ${countedSql(about, 'o', 'a')}), 0)`;
  return [
    {
      kind: 'TOTAL_PER_NOTIFICATION',
      path: ['totalPerNotification'],
      label: `All in one notification amount to ${rangeWords(totalPerNotification)}`,
      level: 'TOTAL',
      predicate: (push) => rangeSql(total, totalPerNotification, push),
      value: () => shownSql(total),
    },
  ];
}

export function checkTotal({ totalPerNotification }: NotificationCriteriaInput, problems: Problems): void {
  checkRange(totalPerNotification, problems, ['criteria', 'totalPerNotification']);
}
