import type { Context } from '../context.js';
import { first } from '../database/sql.js';
import { type InboxScope, inScope, nowInInbox } from './inbox/scope.js';

/**
 * Marks everything in an inbox as seen (E1x): one statement, however many there are, with a change for each so that every
 * device learns of it. Takes no lock of the queue's rows: only the communication changes. Answers how many had not been seen.
 */
export async function viewAll(ctx: Context, scope: InboxScope): Promise<number> {
  const parameters: unknown[] = [];
  const where = inScope(scope, parameters);
  const seen = await first<{ count: number }>(
    ctx,
    `with unseen as (
       select c.id from communication c
       where ${where} and c.direction = 'OUTGOING' and ${nowInInbox} and c.viewed_at is null
       order by c.id for no key update of c
     ), seen as (
       update communication c set viewed_at = clock_timestamp() from unseen u where c.id = u.id
       returning c.id, c.contact_id, c.external_system_id, c.state, c.viewed_at
     ), told as (
       insert into change_outbox (kind, contact_id, external_system_id, communication_id, data)
       select 'entry.changed', s.contact_id, s.external_system_id, s.id,
         jsonb_build_object('state', s.state, 'viewedAt', to_char(s.viewed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
           'was', jsonb_build_object('state', s.state, 'viewedAt', null))
       from seen s
     )
     select count(*)::int as count from seen`,
    parameters,
  );
  const count = seen?.count ?? 0;
  if (count > 0) ctx.afterCommit(() => ctx.bells.changes());
  return count;
}
