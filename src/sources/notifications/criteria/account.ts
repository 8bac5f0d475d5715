import type { Push } from '../../../catalogue/field-sql.js';
import type { Problems } from '../../../errors.js';
import type { NotificationCriteriaInput, OutstandingAmountInput } from './criteria.input.js';
import { checkRange, checkTexts, rangeSql, rangeWords } from './range.js';
import { dayFromToday, type Step, type StepScene, shownSql, today } from './step.js';

/** Balance, classification and what the account owes (N11, N12, N13). */
export function accountSteps(
  { accountBalance, accountClassifications, outstandingAmount }: NotificationCriteriaInput,
  scene: StepScene,
): Step[] {
  const steps: Step[] = [];
  if (accountBalance != null) {
    steps.push({
      kind: 'ACCOUNT_BALANCE',
      path: ['accountBalance'],
      label: `The account's balance is ${rangeWords(accountBalance)}`,
      level: 'OBJECT',
      predicate: (push) => rangeSql('a.balance', accountBalance, push),
      value: () => shownSql('a.balance'),
    });
  }
  if (accountClassifications != null) {
    const { in: some, notIn } = accountClassifications;
    const texts = some ?? notIn ?? [];
    steps.push({
      kind: 'ACCOUNT_CLASSIFICATION',
      path: ['accountClassifications'],
      label: `The account's classification is ${some == null ? 'none' : 'one'} of ${texts.join(', ')}`,
      level: 'OBJECT',
      predicate: (push) => `coalesce(a.classification = any(${push(texts)}::text[]), false) = ${some != null}`,
      value: () => shownSql('a.classification'),
    });
  }
  if (outstandingAmount != null) steps.push(outstandingStep(outstandingAmount, scene));
  return steps;
}

export function checkAccount(
  { accountBalance, accountClassifications, outstandingAmount }: NotificationCriteriaInput,
  problems: Problems,
): void {
  checkRange(accountBalance, problems, ['criteria', 'accountBalance']);
  checkRange(outstandingAmount, problems, ['criteria', 'outstandingAmount']);
  if (accountClassifications != null) {
    const path = ['criteria', 'accountClassifications'];
    if ((accountClassifications.in == null) === (accountClassifications.notIn == null))
      problems.add(path, 'EXACTLY_ONE', 'Give either `in` or `notIn`.');
    checkTexts(accountClassifications.in, problems, [...path, 'in']);
    checkTexts(accountClassifications.notIn, problems, [...path, 'notIn']);
  }
  if (outstandingAmount != null) checkDue(outstandingAmount, problems);
}

const daysAndMonths = {
  dueDaysAgo: { unit: 'days', sign: -1, words: 'days before the run' },
  dueInDays: { unit: 'days', sign: 1, words: 'days after the run' },
  dueMonthsAgo: { unit: 'months', sign: -1, words: 'months before the run' },
  dueInMonths: { unit: 'months', sign: 1, words: 'months after the run' },
} as const;
type Span = keyof typeof daysAndMonths;
const spans = Object.keys(daysAndMonths) as Span[];
const furthest = 36_500;

function checkDue(given: OutstandingAmountInput, problems: Problems): void {
  const path = ['criteria', 'outstandingAmount'];
  const days = [...spans, 'dueOn' as const].filter((each) => given[each] != null);
  if (given.dueByEndOfMonth) days.push('dueOn');
  if (days.length > 1)
    problems.add(
      path,
      'CONTRADICTION',
      'Give at most one of `dueOn`, `dueDaysAgo`, `dueInDays`, `dueMonthsAgo`, `dueInMonths` and `dueByEndOfMonth`.',
    );
  for (const span of spans) {
    const amount = given[span];
    if (amount != null && (amount < 0 || amount > furthest))
      problems.add([...path, span], 'OUT_OF_RANGE', `${amount} is out of range: 0 to ${furthest} are allowed.`);
  }
}

/** The sum is grouped once for all accounts, so that a million of them cost one pass over their bills. */
function outstandingStep(given: OutstandingAmountInput, scene: StepScene): Step {
  const due = (bill: string, push: Push) =>
    `${bill}.type = 'bill' and coalesce((${bill}.fields ->> 'due_date')::date, '-infinity') <= ${dueDay(given, scene, push)}`;
  const amount = (bill: string) => `(${bill}.fields ->> 'outstanding_amount')::numeric`;
  const sum = `coalesce(sum(${amount('b')}), 0)`;
  // An account without bills owes 0: where 0 is in the range, those whose sum lies outside it are left out instead.
  const meetsZero = Number(given.moreThan ?? 0) <= 0 && (given.lessThan == null || Number(given.lessThan) > 0);
  return {
    kind: 'OUTSTANDING_AMOUNT',
    path: ['outstandingAmount'],
    label: `Outstanding of the account's bills due by ${dueWords(given)} is ${rangeWords(given)}`,
    level: 'OBJECT',
    predicate(push) {
      const owing = `select b.account_id from business_object b where ${due('b', push)} and b.account_id is not null group by b.account_id`;
      const within = rangeSql(sum, given, push);
      return meetsZero
        ? `not exists (select from (${owing} having not (${within})) s where s.account_id = a.id)`
        : `exists (select from (${owing} having ${within}) s where s.account_id = a.id)`;
    },
    joined: {
      join: (push) =>
        `left join (select b.account_id, ${sum} as amount from business_object b where ${due('b', push)} group by 1) due on due.account_id = a.id`,
      predicate: (push) => rangeSql('coalesce(due.amount, 0)', given, push),
    },
    value: (push) => shownSql(`(select ${sum} from business_object b where b.account_id = a.id and ${due('b', push)})`),
  };
}

function dueDay(given: OutstandingAmountInput, scene: StepScene, push: Push): string {
  if (given.dueOn != null) return `${push(given.dueOn)}::date`;
  if (given.dueByEndOfMonth) return `(date_trunc('month', ${today(scene, push)}) + interval '1 month - 1 day')::date`;
  const span = spans.find((each) => given[each] != null);
  if (span === undefined) return today(scene, push);
  const { unit, sign } = daysAndMonths[span];
  return dayFromToday(scene, sign * (given[span] ?? 0), unit, push);
}

function dueWords(given: OutstandingAmountInput): string {
  if (given.dueOn != null) return given.dueOn;
  if (given.dueByEndOfMonth) return "the end of the run's month";
  const span = spans.find((each) => given[each] != null);
  return span === undefined ? 'the day of the run' : `${given[span]} ${daysAndMonths[span].words}`;
}
