import type { Viewer } from '../access/viewer.js';
import type { Context, Part } from '../context.js';
import { committing } from '../database/begin.js';
import { prepared } from '../database/prepared.js';
import { first, listOf } from '../database/sql.js';
import { isTold, type Move, moveAll } from './move.js';
import { type Settler, settlerOf } from './settler.js';
import { visibleEntries } from './visible.js';

/**
 * Settles the parts that are ordinary through and through, in one statement that locks, looks and moves: entries that wait, have
 * not expired, may be seen by their caller, and are leased by the token that is shown, or by nobody. Answers which parts those
 * were, by their index. Nothing of the others is changed: `refusal` (settle.ts) has the rules for everything, and the words.
 */
export async function settleOrdinary(ctx: Context, parts: readonly Part<Move>[]): Promise<ReadonlySet<number>> {
  const asked = askedOf(parts);
  if (asked.length === 0) return new Set();
  const parameters: unknown[] = [
    listOf(asked.map(({ move }) => move.id)),
    listOf(asked.map(({ move }) => move.to)),
    listOf(asked.map(({ move }) => move.leaseToken ?? null)),
    textsOf(asked, ({ rejection }) => rejection?.code),
    textsOf(asked, ({ rejection }) => rejection?.message),
    textsOf(asked, ({ providerId }) => providerId),
    listOf(asked.map(({ part }) => String(part))),
  ];
  const [only, ...others] = parts;
  const text = only && others.length === 0 ? aloneSql(only.viewer, parameters) : togetherSql(asked, parameters);
  // Where some are not ordinary, they are settled in a transaction after this one: each part is on its own.
  const statement = prepared(ctx.isLast ? committing(text) : text);
  const settled = await first<{ undone: number[]; told: boolean }>(ctx, statement, parameters);
  // What is committed is told of, whatever becomes of the rest.
  if (settled?.told && ctx.isLast) ctx.bells.changes();
  else if (settled?.told) ctx.afterCommit(() => ctx.bells.changes());
  const undone = new Set(settled?.undone);
  return new Set(asked.map(({ part }) => part).filter((each) => !undone.has(each)));
}

/** Null where there is none at all: unnested beside the others, it is null for each of them. */
function textsOf(asked: readonly Asked[], textOf: (move: Move) => string | undefined): (string | null)[] | null {
  const texts = asked.map(({ move }) => textOf(move) ?? null);
  return texts.some((each) => each !== null) ? texts : null;
}

interface Asked {
  move: Move;
  viewer: Viewer;
  /** The index of its part. */
  part: number;
}

/** The moves of the parts that may be ordinary: each entry is asked for once, and leaves the queue. What a device deletes has left it before. */
function askedOf(parts: readonly Part<Move>[]): Asked[] {
  const asked: Asked[] = [];
  const ids = new Set<string>();
  for (const [part, { viewer, items }] of parts.entries()) {
    const before = asked.length;
    const isOrdinary = items.every((move) => {
      if (move.to === 'COMPLETED_AND_REMOVED' || ids.has(move.id)) return false;
      ids.add(move.id);
      asked.push({ move, viewer, part });
      return true;
    });
    if (!isOrdinary) for (const { move } of asked.splice(before)) ids.delete(move.id);
  }
  return asked;
}

/** Waits for whoever holds the entries. */
function aloneSql(viewer: Viewer, parameters: unknown[]): string {
  return ordinarySql({
    columns: '',
    kept: '',
    joins: '',
    mine: visibleEntries(viewer, parameters),
    free: freeFor(settlerOf(viewer)),
    wait: '',
  });
}

/** Waits for nobody: entries that another transaction holds are not ordinary. Says of each what `maySettleTogether` says. */
function togetherSql(asked: readonly Asked[], parameters: unknown[]): string {
  const role = parameters.push(asked.map(({ viewer }) => viewer.role));
  const subject = parameters.push(asked.map(({ viewer }) => viewer.subject));
  return ordinarySql({
    columns: `, unnest($${role}::text[]) as role, unnest($${subject}::text[]) as subject`,
    kept: ', m.role',
    joins: 'join contact k on k.id = c.contact_id left join external_system s on s.id = c.external_system_id',
    mine: `case m.role when 'EXTERNAL_SYSTEM' then s.code = m.subject when 'CONTACT' then s.contact_inbox and k.external_id = m.subject end`,
    free: `case l.role when 'CONTACT' then ${freeFor('CONTACT')} else ${freeFor('SYSTEM')} end`,
    wait: 'skip locked',
  });
}

/** Whether the lease is no obstacle, as SQL over what is `locked l`. A contact's settlement ends it; the engine's counts until somebody else has the entry. */
function freeFor(settler: Settler): string {
  if (settler === 'CONTACT') return 'true';
  const leased = '(l.lease_token is not null and l.due_at > clock_timestamp())';
  const held = settler === 'ENGINE' ? 'l.token = l.lease_token' : `l.token = l.lease_token and ${leased}`;
  return `case when l.token is null then not ${leased} else coalesce(${held}, false) end`;
}

interface OrdinarySql {
  columns: string;
  kept: string;
  joins: string;
  mine: string;
  free: string;
  wait: string;
}

/** Locks as `lockEntries` does: by id, the queue's row before the communication's, and all that is asked, so that nothing is left for the usual way to lock in another order. */
function ordinarySql({ columns, kept, joins, mine, free, wait }: OrdinarySql): string {
  return `with asked as (
     select unnest($1::uuid[]) as id, unnest($2::text[]) as state, unnest($3::uuid[]) as token, unnest($4::text[]) as code,
       unnest($5::text[]) as message, unnest($6::text[]) as provider_id, unnest($7::integer[]) as part${columns}
   ), locked as (
     select m.id, m.token${kept}, q.lease_token, q.due_at, c.expires_at, c.state = 'PENDING' and ${mine} as ordinary
     from asked m join queue_entry q on q.id = m.id join communication c on c.id = m.id ${joins}
     order by m.id for update of q ${wait} for no key update of c ${wait}
   ), undone as (
     -- The clock is looked at once they are locked: the wait for them may have been long.
     select distinct part from asked
     where id not in (select l.id from locked l where l.ordinary and ${free} and (l.expires_at is null or l.expires_at > clock_timestamp()))
   ), moved as (
     select id, state, coalesce(token, gen_random_uuid()) as token, code, message, provider_id, 'PENDING' as was, false as gone
     from asked where part not in (select part from undone)
   ), ${moveAll}
   select ${isTold}, array(select part from undone) as undone`;
}
