import type { Push } from '../../../catalogue/field-sql.js';
import type { NotificationClassification } from '../../../catalogue/notifiable.js';
import type { Context } from '../../../context.js';
import { rows } from '../../../database/sql.js';
import type { Problems } from '../../../errors.js';
import { localId } from '../../../graphql/node.js';
import type { NotificationCriteriaInput, NotificationHistoryInput } from './criteria.input.js';
import { type Step, type StepScene, shownSql } from './step.js';

/** A type that a history may name. */
export interface PastType {
  id: string;
  name: string;
  classification: NotificationClassification;
}

/**
 * Notified before, or not (N8, N9, N10, AMB-22). Counted are the notifications that exist, and the recipients of runs that have
 * matched and are still generating: what a run has matched is as good as told. Whoever runs a type, or one whose history names
 * it, takes its turn (see source.ts), so a second run sees what the first one has matched.
 */
export function historySteps({ history }: NotificationCriteriaInput, types: ReadonlyMap<string, PastType>, scene: StepScene): Step[] {
  if (history == null) return [];
  const typeOf = ({ notificationTypeId }: NotificationHistoryInput) =>
    types.get(notificationTypeId == null ? scene.typeId : (localId('NotificationType', notificationTypeId) ?? ''));
  const term = (given: NotificationHistoryInput, push: Push) => termSql(given, typeOf(given), scene, push);
  const words = (given: NotificationHistoryInput) => {
    const by = given.notificationTypeId == null ? 'this type' : (typeOf(given)?.name ?? 'a type that is gone');
    return `${given.notified ? '' : 'not '}notified by ${by}${given.withinDays == null ? ' before' : ` within ${given.withinDays} days`}`;
  };
  return [
    {
      kind: 'HISTORY',
      path: ['history'],
      label: history.map((row) => row.all.map(words).join(' and ')).join(', or '),
      level: 'OBJECT',
      predicate: (push) => {
        const alternatives = history.map((row) => row.all.map((each) => term(each, push)).join(' and '));
        return alternatives.length === 1 ? (alternatives[0] ?? 'true') : `(${alternatives.map((each) => `(${each})`).join(' or ')})`;
      },
      value: (push) => {
        const terms = history.flatMap((row) => row.all);
        const last = terms.map(
          (each) =>
            `jsonb_build_object('type', ${push(typeOf(each)?.name ?? null)}::text, 'lastNotifiedAt', ${lastSql(each, typeOf(each), scene, push)})`,
        );
        return last.length === 0 ? 'null::jsonb' : shownSql(`array[${last.join(', ')}]`);
      },
    },
  ];
}

const furthest = 36_500;
const most = 20;

/** Answers the other types named, and keeps them from being deleted before they are. */
export async function checkHistory(ctx: Context, { history }: NotificationCriteriaInput, problems: Problems): Promise<string[]> {
  const path = ['criteria', 'history'];
  if (history == null) return [];
  const terms = history.flatMap((row, index) => row.all.map((given, place) => ({ given, at: [...path, index, 'all', place] })));
  if (history.length === 0) problems.add(path, 'EMPTY', 'Give at least one row, or leave it out.');
  if (terms.length > most) problems.add(path, 'TOO_MANY', `At most ${most} are allowed in all rows together.`);
  for (const [index, row] of history.entries()) {
    if (row.all.length === 0) problems.add([...path, index, 'all'], 'EMPTY', 'A row needs at least one.');
  }
  const named = terms.flatMap(({ given }) => localId('NotificationType', given.notificationTypeId ?? '') ?? []);
  const found = await rows<{ id: string }>(ctx, 'select id from notification_type where id = any($1::uuid[]) order by id for key share', [
    named,
  ]);
  const known = new Set(found.map((each) => each.id));
  for (const { given, at } of terms) {
    const { notificationTypeId, withinDays } = given;
    if (notificationTypeId != null && !known.has(localId('NotificationType', notificationTypeId) ?? ''))
      problems.add([...at, 'notificationTypeId'], 'NOT_FOUND', 'There is no such notification type.');
    if (withinDays != null && (withinDays < 1 || withinDays > furthest))
      problems.add([...at, 'withinDays'], 'OUT_OF_RANGE', `${withinDays} is out of range: 1 to ${furthest} days are allowed.`);
  }
  return [...known];
}

function termSql(given: NotificationHistoryInput, type: PastType | undefined, scene: StepScene, push: Push): string {
  if (!type) return given.notified ? 'false' : 'true';
  const [kept, coming] = pastSql(given, type, scene, push);
  return given.notified
    ? `(exists (select ${kept}) or exists (select ${coming}))`
    : `not exists (select ${kept}) and not exists (select ${coming})`;
}

function lastSql(given: NotificationHistoryInput, type: PastType | undefined, scene: StepScene, push: Push): string {
  if (!type) return 'null::timestamptz';
  const [kept, coming] = pastSql({ ...given, withinDays: null }, type, scene, push);
  return `greatest((select max(h.created_at) ${kept}), (select max(r.started_at) ${coming}))`;
}

/** From whom it is known that the candidate was told: notifications `h`, and recipients `rr` of runs `r` whose turn is still to come. */
function pastSql(
  { withinDays, scope }: NotificationHistoryInput,
  type: PastType,
  scene: StepScene,
  push: Push,
): [kept: string, coming: string] {
  const since = withinDays == null ? undefined : sinceSql(withinDays, scene, push);
  const after = (instant: string) => (since === undefined ? '' : ` and ${instant} >= ${since}`);
  const open = `from run r join run_recipient rr on rr.run_id = r.id
    where r.notification_type_id = ${push(type.id)}::uuid and r.state in ('RUNNING', 'PAUSED') and rr.ordinal > r.done_to and rr.ordinal <= r.last_ordinal${after('r.started_at')}`;
  const told = `h.notification_type_id = ${push(type.id)}::uuid${after('h.created_at')}`;
  if (scope === 'OBJECT') {
    return [
      `from notified_item i join notification h on h.id = i.notification_id where i.object_id = o.id and ${told}`,
      `from (select r.started_at, unnest(coalesce(rr.item_ids, array[rr.object_id])) as object_id ${open}) r where r.object_id = o.id`,
    ];
  }
  const [notification, recipient] = recipientKeys(type.classification, scene.classification);
  return [`from notification h where ${notification} and ${told}`, `${open} and ${recipient}`];
}

/** Two types of one classification have recipients of one kind; otherwise the contact is what both know. */
function recipientKeys(of: NotificationClassification, ours: NotificationClassification): [string, string] {
  if (of === 'FINANCIAL' && ours === 'FINANCIAL') return ['h.account_id = a.id', 'rr.account_id = a.id'];
  if (of === 'REWARD' && ours === 'REWARD') return ['h.participant_id = p.id', 'rr.object_id = p.id'];
  return ['h.contact_id = c.id', 'rr.contact_id = c.id'];
}

/** Whole days, so that a monthly run neither wavers by seconds nor by the change of the clocks. */
function sinceSql(withinDays: number, { timeZone }: StepScene, push: Push): string {
  const zone = `${push(timeZone)}::text`;
  return `(((now() at time zone ${zone})::date - ${push(withinDays - 1)}::int)::timestamp at time zone ${zone})`;
}
