import { pushTo } from '../../catalogue/field-sql.js';
import type { NotificationClassification } from '../../catalogue/notifiable.js';
import type { Recipients } from '../../generate/match.js';
import type { Step, StepScene } from './criteria/step.js';

/** One candidate: the rows that the steps speak of (step.ts), and how candidates become recipients. */
export interface Candidates {
  /** Each object notified about with its contact and account. */
  tables: string;
  where: string;
  /** What one notification is for: candidates with the same key are told of together; null: each for itself. */
  groupBy: string | null;
  /** The columns of Recipients. */
  columns: string;
}

/** Where the candidates of a type come from. `about` is a name of the catalogue, checked when the type was made. */
export function candidatesOf({ classification, about }: Pick<StepScene, 'classification' | 'about'>): Candidates {
  return candidates[classification](`'${about}'`);
}

const candidates: Record<NotificationClassification, (about: string) => Candidates> = {
  CUSTOMER_CARE: (about) => ({
    tables: 'business_object o join contact c on c.id = o.contact_id left join account a on a.id = o.account_id',
    where: `o.type = ${about}`,
    groupBy: null,
    columns: 'o.contact_id, o.account_id, o.id as object_id, null::uuid[] as item_ids',
  }),
  // The account's owner hears of it, whoever the object names as its contact.
  FINANCIAL: (about) => ({
    tables: 'business_object o join account a on a.id = o.account_id join contact c on c.id = a.contact_id',
    where: `o.type = ${about}`,
    groupBy: 'a.id, a.contact_id',
    columns: 'a.contact_id, a.id as account_id, null::uuid as object_id, array_agg(o.id) as item_ids',
  }),
  // An offer that names no participant is for every one of its contact.
  REWARD: (about) => ({
    tables: `business_object p join contact c on c.id = p.contact_id left join account a on a.id = p.account_id
      join business_object o on o.contact_id = p.contact_id and o.type = ${about}
        and coalesce(o.fields ->> 'rewards_participant', p.external_id) = p.external_id`,
    where: `p.type = 'rewards_participant'`,
    groupBy: 'p.id, p.contact_id, p.account_id',
    columns: 'p.contact_id, p.account_id, p.id as object_id, array_agg(o.id) as item_ids',
  }),
};

/** Whom all steps let pass, as the query that a run matches with. */
export function recipientsOf(scene: Pick<StepScene, 'classification' | 'about'>, steps: readonly Step[]): Recipients {
  const { tables, where, groupBy, columns } = candidatesOf(scene);
  return {
    items: true,
    sql(parameters) {
      const push = pushTo(parameters);
      const all = (level: Step['level']) => steps.filter((each) => each.level === level).map((each) => `(${each.predicate(push)})`);
      const [each, together] = [all('OBJECT'), all('TOTAL')];
      return `select ${columns}, null::text as skip_reason from ${tables} where ${where}${each.map((condition) => ` and ${condition}`).join('')}
        ${groupBy === null ? '' : `group by ${groupBy}`} ${together.length > 0 ? `having ${together.join(' and ')}` : ''}`;
    },
  };
}
