import type { Push } from '../../../catalogue/field-sql.js';
import type { Context } from '../../../context.js';
import { rows } from '../../../database/sql.js';
import type { Problems } from '../../../errors.js';
import type { AwardedState, NotificationCriteriaInput, RewardProgressInput } from './criteria.input.js';
import { checkTexts } from './range.js';
import { type Step, type StepKind, type StepScene, shownSql } from './step.js';

/** Offers, and how they stand for the participant (N21 to N28, AMB-7). `o` is the offer, `p` the participant. */
export function rewardSteps(criteria: NotificationCriteriaInput, { classification }: StepScene): Step[] {
  if (classification !== 'REWARD') return [];
  const { offerClassifications, rewardTypes, rewardOffers, rewardSchemes, awardedStates } = criteria;
  const among = (kind: StepKind, name: string, words: string, value: string, texts: readonly string[] | null | undefined): Step[] =>
    texts == null
      ? []
      : [
          {
            kind,
            path: [name],
            label: `${words} is one of ${texts.join(', ')}`,
            level: 'OBJECT',
            predicate: (push) => `${value} = any(${push(texts)}::text[])`,
            value: () => shownSql(value),
          },
        ];
  return [
    {
      kind: 'OFFER_EFFECTIVE',
      path: [],
      label: 'The offer is effective',
      level: 'OBJECT',
      predicate: () => effective('o'),
      value: () => shownSql(`o.fields ->> 'state'`),
    },
    ...among(
      'OFFER_CLASSIFICATIONS',
      'offerClassifications',
      "The offer's classification",
      `(o.fields ->> 'classification')`,
      offerClassifications,
    ),
    ...among('REWARD_TYPES', 'rewardTypes', "The offer's type", `(o.fields ->> 'type')`, rewardTypes),
    ...among('REWARD_OFFERS', 'rewardOffers', 'The offer', 'o.number', rewardOffers),
    ...among(
      'REWARD_SCHEMES',
      'rewardSchemes',
      "The participant's scheme",
      `coalesce(p.fields ->> 'scheme', o.fields ->> 'scheme')`,
      rewardSchemes,
    ),
    ...validitySteps(criteria),
    ...(awardedStates == null ? [] : [awardedStep(awardedStates, criteria.progress ?? {})]),
  ];
}

export async function checkReward(ctx: Context, criteria: NotificationCriteriaInput, problems: Problems): Promise<void> {
  const names = ['awardedStates', 'offerClassifications', 'rewardTypes', 'rewardOffers', 'rewardSchemes'] as const;
  for (const name of names) checkTexts(criteria[name], problems, ['criteria', name]);
  const { awardedStates, progress, offerValidity } = criteria;
  const isClose = awardedStates?.includes('CLOSE_TO_BE_AWARDED') ?? false;
  if (isClose && progress == null)
    problems.add(['criteria', 'progress'], 'REQUIRED', 'CLOSE_TO_BE_AWARDED needs `progress`: how much may still be missing.');
  if (progress != null && !isClose)
    problems.add(
      ['criteria', 'progress'],
      'UNEXPECTED',
      '`progress` belongs to the awarded state CLOSE_TO_BE_AWARDED, which is not given.',
    );
  if (progress != null) checkProgress(progress, problems);
  if (offerValidity != null) {
    const { from, to } = offerValidity;
    const path = ['criteria', 'offerValidity'];
    if (from == null && to == null) problems.add(path, 'EMPTY', 'Give `from`, `to` or both.');
    if (from != null && to != null && from > to) problems.add(path, 'EMPTY_RANGE', 'No day lies between `from` and `to`.');
  }
  await checkOffers(ctx, criteria, isClose, problems);
}

function checkProgress(progress: RewardProgressInput, problems: Problems): void {
  const path = ['criteria', 'progress'];
  const { missingAmount, missingTransactions, missingItems } = progress;
  if (missingAmount == null && missingTransactions == null && missingItems == null)
    problems.add(path, 'EMPTY', 'Give at least one of `missingAmount`, `missingTransactions` and `missingItems`.');
  for (const name of ['missingAmount', 'missingTransactions', 'missingItems'] as const) {
    const value = progress[name];
    if (value != null && Number(value) <= 0) problems.add([...path, name], 'OUT_OF_RANGE', 'It must be greater than 0.');
  }
}

/** Offers must be effective (N25); where they must be close to be awarded, they must count a progress (N26). */
async function checkOffers(ctx: Context, criteria: NotificationCriteriaInput, isClose: boolean, problems: Problems): Promise<void> {
  const { rewardOffers, offerClassifications, rewardTypes } = criteria;
  const choices = [
    ['rewardOffers', 'number', rewardOffers],
    ['offerClassifications', `fields ->> 'classification'`, isClose ? offerClassifications : null],
    ['rewardTypes', `fields ->> 'type'`, isClose ? rewardTypes : null],
  ] as const;
  for (const [name, value, texts] of choices) {
    if (texts == null || texts.length === 0) continue;
    const found = await rows<{ text: string; effective: boolean; counts: boolean }>(
      ctx,
      `select o.${value} as text, bool_or(${effective('o')}) as effective, bool_or(${effective('o')} and o.fields ->> 'progress_class' is not null) as counts
       from business_object o where o.type = 'reward_offer' and o.${value} = any($1::text[]) group by 1`,
      [texts],
    );
    const byText = new Map(found.map((each) => [each.text, each]));
    for (const [index, text] of texts.entries()) {
      const known = byText.get(text);
      const path = ['criteria', name, index];
      if (!known && name === 'rewardOffers')
        problems.add(path, 'NOT_FOUND', `There is no reward offer ${JSON.stringify(text.slice(0, 80))}.`);
      else if (known && !known.effective && name === 'rewardOffers')
        problems.add(path, 'NOT_EFFECTIVE', `The offer ${text} is not effective.`);
      else if (isClose && !known?.counts)
        problems.add(
          path,
          'NO_PROGRESS',
          `No effective offer of ${JSON.stringify(text.slice(0, 80))} counts a progress: none can be close to be awarded.`,
        );
    }
  }
}

function effective(offer: string): string {
  return `coalesce(${offer}.fields ->> 'state', 'EFFECTIVE') = 'EFFECTIVE'`;
}

function validitySteps({ offerValidity }: NotificationCriteriaInput): Step[] {
  if (offerValidity == null) return [];
  const { from, to } = offerValidity;
  const [validFrom, validTo] = [`(o.fields ->> 'valid_from')::date`, `(o.fields ->> 'valid_to')::date`];
  return [
    {
      kind: 'OFFER_VALIDITY',
      path: ['offerValidity'],
      label: `The offer is valid${from == null ? '' : ` from ${from}`}${to == null ? '' : ` to ${to}`}`,
      level: 'OBJECT',
      predicate: (push) =>
        [
          ...(from == null ? [] : [`coalesce(${validTo}, 'infinity') >= ${push(from)}::date`]),
          ...(to == null ? [] : [`coalesce(${validFrom}, '-infinity') <= ${push(to)}::date`]),
        ].join(' and ') || 'true',
      value: () => `jsonb_build_object('from', ${validFrom}, 'to', ${validTo})`,
    },
  ];
}

/** The fields that say what is missing, by what an offer counts: at most one class each. */
const missing = { AMOUNT: 'missing_amount', TRANSACTIONS: 'missing_transactions', ITEMS: 'missing_items' } as const;

function awardedStep(states: readonly AwardedState[], progress: RewardProgressInput): Step {
  const awarded = `exists (select from business_object t where t.type = 'award_reward_transaction' and t.contact_id = p.contact_id
    and coalesce(t.fields ->> 'rewards_participant', p.external_id) = p.external_id
    and t.fields ->> 'offer' in (o.number, o.external_id, o.fields ->> 'name'))`;
  const limits = { AMOUNT: progress.missingAmount, TRANSACTIONS: progress.missingTransactions, ITEMS: progress.missingItems };
  const close = (push: Push) => {
    const whens = (Object.keys(missing) as (keyof typeof missing)[]).flatMap((each) => {
      const limit = limits[each];
      if (limit == null) return [];
      const value = `(o.fields ->> '${missing[each]}')::numeric`;
      return [`when '${each}' then ${value} > 0 and ${value} <= ${push(String(limit))}::numeric`];
    });
    return whens.length === 0 ? 'false' : `(case upper(o.fields ->> 'progress_class') ${whens.join(' ')} else false end)`;
  };
  return {
    kind: 'AWARDED_STATES',
    path: ['awardedStates'],
    label: `For the participant the offer is ${states.join(' or ')}`,
    level: 'OBJECT',
    predicate: (push) => {
      const parts = [...new Set(states)].map((state) =>
        state === 'AWARDED' ? awarded : state === 'NOT_AWARDED' ? `not ${awarded}` : close(push),
      );
      return parts.length === 1 ? (parts[0] ?? 'true') : `(${parts.join(' or ')})`;
    },
    value: () =>
      `jsonb_build_object('awarded', ${awarded}, 'progressClass', o.fields ->> 'progress_class', 'missing', case upper(o.fields ->> 'progress_class') ${Object.entries(
        missing,
      )
        .map(([name, field]) => `when '${name}' then o.fields ->> '${field}'`)
        .join(' ')} end)`,
  };
}
