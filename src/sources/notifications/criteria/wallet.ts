import type { Push } from '../../../catalogue/field-sql.js';
import type { Problems } from '../../../errors.js';
import type { ExpiringAmountInput, NotificationCriteriaInput } from './criteria.input.js';
import { checkRange, type Range, rangeSql, rangeWords } from './range.js';
import { dayFromToday, type Step, type StepKind, type StepScene, shownSql, today } from './step.js';

/** What wallets hold, and how long it lasts (N14 to N17). */
export function walletSteps(criteria: NotificationCriteriaInput, scene: StepScene): Step[] {
  const steps: Step[] = [];
  const { walletBalance, estimatedConsumptionDays, productEstimatedConsumptionDays, productConsumption, expiringAmount } = criteria;
  if (walletBalance != null) {
    const balance = (wallet: string) => `(${wallet}.fields ->> 'balance')::numeric`;
    steps.push(
      walletStep(scene, 'WALLET_BALANCE', 'walletBalance', `The wallet's balance is ${rangeWords(walletBalance)}`, balance, walletBalance),
    );
  }
  if (estimatedConsumptionDays != null) {
    const words = `Days until the wallet is used up are ${rangeWords(estimatedConsumptionDays)}`;
    const days = daysUntil('estimated_consumption_date', scene);
    steps.push(walletStep(scene, 'ESTIMATED_CONSUMPTION_DAYS', 'estimatedConsumptionDays', words, days, estimatedConsumptionDays));
  }
  if (productEstimatedConsumptionDays != null) {
    const words = `Days until the wallet's products are used up are ${rangeWords(productEstimatedConsumptionDays)}`;
    const days = daysUntil('product_estimated_consumption_date', scene);
    steps.push(
      walletStep(
        scene,
        'PRODUCT_ESTIMATED_CONSUMPTION_DAYS',
        'productEstimatedConsumptionDays',
        words,
        days,
        productEstimatedConsumptionDays,
      ),
    );
  }
  if (productConsumption != null) steps.push(consumptionStep(productConsumption, scene));
  if (expiringAmount != null) steps.push(expiringStep(expiringAmount, scene));
  return steps;
}

export function checkWallet(criteria: NotificationCriteriaInput, problems: Problems): void {
  for (const name of ['walletBalance', 'estimatedConsumptionDays', 'productEstimatedConsumptionDays', 'productConsumption'] as const) {
    checkRange(criteria[name], problems, ['criteria', name]);
  }
  const { expiringAmount: given } = criteria;
  if (given == null) return;
  const path = ['criteria', 'expiringAmount'];
  if ((given.withinDays == null) === (given.withinMonths == null))
    problems.add(path, 'EXACTLY_ONE', 'Give either `withinDays` or `withinMonths`.');
  for (const name of ['withinDays', 'withinMonths'] as const) {
    const amount = given[name];
    if (amount != null && (amount < 0 || amount > furthest))
      problems.add([...path, name], 'OUT_OF_RANGE', `${amount} is out of range: 0 to ${furthest} are allowed.`);
  }
}

const furthest = 36_500;

/** The wallet notified about; otherwise any wallet of the account. */
function anyWallet({ about }: StepScene, condition: (wallet: string) => string): string {
  return about === 'wallet' ? condition('o') : `exists (select ${accountsWallets} and ${condition('w')})`;
}

function shownWallets({ about }: StepScene, shown: (wallet: string) => string): string {
  return about === 'wallet' ? shownSql(shown('o')) : `(select jsonb_agg(${shown('w')} order by w.id) ${accountsWallets})`;
}

const accountsWallets = `from business_object w where w.account_id = a.id and w.type = 'wallet'`;

function walletStep(
  scene: StepScene,
  kind: StepKind,
  name: string,
  label: string,
  seen: (wallet: string, push: Push) => string,
  range: Range,
): Step {
  return {
    kind,
    path: [name],
    label,
    level: 'OBJECT',
    predicate: (push) => anyWallet(scene, (wallet) => rangeSql(seen(wallet, push), range, push)),
    value: (push) => shownWallets(scene, (wallet) => seen(wallet, push)),
  };
}

function daysUntil(field: string, scene: StepScene): (wallet: string, push: Push) => string {
  return (wallet, push) => `((${wallet}.fields ->> '${field}')::date - ${today(scene, push)})`;
}

function expiringStep(given: ExpiringAmountInput, scene: StepScene): Step {
  const [amount, unit] = given.withinDays == null ? [given.withinMonths ?? 0, 'months' as const] : [given.withinDays, 'days' as const];
  const expiring = (wallet: string) => `(${wallet}.fields ->> 'expiring_amount')::numeric`;
  const expiresOn = (wallet: string) => `(${wallet}.fields ->> 'expires_on')::date`;
  return {
    kind: 'EXPIRING_AMOUNT',
    path: ['expiringAmount'],
    label: `At least ${given.moreThan ?? 'something'} of the wallet expires within ${amount} ${unit}`,
    level: 'OBJECT',
    predicate: (push) =>
      anyWallet(
        scene,
        (wallet) => `${expiresOn(wallet)} between ${today(scene, push)} and ${dayFromToday(scene, amount, unit, push)}
          and ${expiring(wallet)} ${given.moreThan == null ? '> 0' : `>= ${push(given.moreThan)}::numeric`}`,
      ),
    value: () => shownWallets(scene, (wallet) => `jsonb_build_object('amount', ${expiring(wallet)}, 'expiresOn', ${expiresOn(wallet)})`),
  };
}

/** The consumption notified about; otherwise all of the account's, added up. */
function consumptionStep(range: Range, scene: StepScene): Step {
  const amount = (row: string) => `(${row}.fields ->> 'amount')::numeric`;
  const total = `(select coalesce(sum(${amount('u')}), 0) from business_object u where u.account_id = a.id and u.type = 'wallet_product_consumption')`;
  const seen = scene.about === 'wallet_product_consumption' ? amount('o') : total;
  return {
    kind: 'PRODUCT_CONSUMPTION',
    path: ['productConsumption'],
    label: `The consumption of products is ${rangeWords(range)}`,
    level: 'OBJECT',
    predicate: (push) => rangeSql(seen, range, push),
    value: () => shownSql(seen),
  };
}
