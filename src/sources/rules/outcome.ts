import type { Medium } from '../../catalogue/medium.js';
import type { Context } from '../../context.js';
import { first, rows } from '../../database/sql.js';
import { Invalid } from '../../errors.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../../graphql/connection.js';

/** What an event came to by a rule, for one message and recipient; or that it did not meet it. */
export interface OutcomeRow {
  seq: number;
  eventSeq: number;
  ruleId: string;
  state: 'NOT_MET' | 'HELD' | 'CREATED' | 'SKIPPED' | 'FAILED';
  reason: string | null;
  conditions: boolean[] | null;
  medium: Medium | null;
  toParent: boolean;
  contactId: string;
  communicationId: string | null;
  dueAt: Date | null;
  at: Date;
}

const outcomeColumns = `o.seq, o.event_seq as "eventSeq", o.rule_id as "ruleId", o.state, o.reason, o.conditions, o.medium, o.to_parent as "toParent",
  o.contact_id as "contactId", o.communication_id as "communicationId", o.due_at as "dueAt", o.at`;
const outcomeTables = 'rule_outcome o join event e on e.seq = o.event_seq join rule r on r.id = o.rule_id';

export interface OutcomeFilter {
  ruleId: string | null;
  eventId: string | null;
  states: readonly OutcomeRow['state'][] | null;
}

/** The log of a rule or of an event, the latest first. */
export async function listOutcomes(ctx: Context, args: PageArgs, filter: OutcomeFilter): Promise<Connection<OutcomeRow>> {
  if (filter.ruleId === null && filter.eventId === null)
    throw new Invalid([{ path: ['ruleId'], code: 'REQUIRED', message: 'Give `ruleId`, `eventId` or both.' }]);
  const page = pageOf(args);
  const parameters: unknown[] = [filter.ruleId, filter.eventId, filter.states];
  const where = `${filter.ruleId === null ? '$1::uuid is null' : 'o.rule_id = $1::uuid'}
    and ${filter.eventId === null ? '$2::uuid is null' : 'o.event_seq = (select seq from event where id = $2::uuid)'}
    and ($3::text[] is null or o.state = any($3))`;
  const counting = [...parameters];
  const { where: beyond, orderBy } = keyset(page, 'o.seq', 'bigint', true, parameters);
  const found = await rows<OutcomeRow>(
    ctx,
    `select ${outcomeColumns} from ${outcomeTables} where ${where} and ${beyond} ${orderBy}`,
    parameters,
  );
  return connectionOf(
    page,
    found,
    (each) => [each.seq],
    async () =>
      (await first<{ count: number }>(ctx, `select count(*)::int as count from ${outcomeTables} where ${where}`, counting))?.count ?? 0,
  );
}

/** Everything that an event came to; few, because rules of one type are few. */
export async function outcomesOfEvent(ctx: Context, eventSeq: number): Promise<OutcomeRow[]> {
  const load = async (inside: Context, seqs: readonly number[]) => {
    const found = await rows<OutcomeRow>(
      inside,
      `select ${outcomeColumns} from ${outcomeTables} where o.event_seq = any($1::bigint[]) order by o.rule_id, o.message, o.to_parent`,
      [seqs],
    );
    return seqs.map((seq) => found.filter((each) => each.eventSeq === seq));
  };
  return await ctx.loader<number, OutcomeRow[]>('eventOutcomes', load).load(eventSeq);
}
