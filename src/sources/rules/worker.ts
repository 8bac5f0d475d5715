import { engine } from '../../access/viewer.js';
import { withCatalogue } from '../../catalogue/current.js';
import type { Context } from '../../context.js';
import { affected, rows } from '../../database/sql.js';
import { transact } from '../../graphql/request.js';
import { type Loop, startLoop } from '../../loop.js';
import { evaluate } from './evaluate.js';
import { guarded } from './guarded.js';
import { releaseHeld } from './release.js';
import { type Rule, ruleColumns, ruleMessages } from './rule.js';

/** Events that no bell told of (written by SQL) are seen this late at worst. */
const pollMs = 500;
const heldMs = 500;
const housekeepingMs = 60_000;
/** Batches that one process acts on at a time: the work is the database's, and a connection has one core of it. */
const lanes = 2;
/** Events of one transaction. */
const batchSize = 500;
/** How long what happened, and what it came to, can be looked up. */
const eventDays = 90;
const outcomeDays = 30;
const mostPruned = 5_000;

/** Acts on events. Any number of processes may do it: each takes events that no other has. */
export function startRules({ log, open }: { log: Context['log']; open: Context['open'] }): Loop {
  const events = Array.from({ length: lanes }, () =>
    startLoop({
      name: 'rules',
      log,
      everyMs: pollMs,
      round: async () => await withCatalogue(open(engine), async () => await transact(open(engine), actOnEvents)),
    }),
  );
  const held = startLoop({
    name: 'held rules',
    log,
    everyMs: heldMs,
    round: async () => await withCatalogue(open(engine), async () => await transact(open(engine), releaseHeld)),
  });
  const housekeeping = startLoop({
    name: 'events',
    log,
    everyMs: housekeepingMs,
    round: async () => await transact(open(engine), pruneEvents),
  });
  return {
    ring: () => {
      for (const each of events) each.ring();
    },
    async stop() {
      await Promise.all([...events, held, housekeeping].map(async (each) => await each.stop()));
    },
  };
}

/**
 * Takes events and does what the rules say, all in one transaction: an event is waiting, or everything that it comes to is
 * there. Answers whether there may be more.
 */
export async function actOnEvents(ctx: Context): Promise<boolean> {
  const taken = await rows<{ seq: number; objectType: string; name: string }>(
    ctx,
    `with taken as (
       delete from event_waiting where event_seq in (
         select event_seq from event_waiting order by event_seq limit ${batchSize} for update skip locked
       ) returning event_seq
     )
     select e.seq, e.object_type as "objectType", e.name from taken t join event e on e.seq = t.event_seq order by e.seq`,
  );
  if (taken.length === 0) return false;
  // In the order of their ids, in which all workers that report on them take their locks.
  const rules = await rows<Rule>(
    ctx,
    `select ${ruleColumns} from rule r where r.enabled and r.object_type = any($1::text[]) order by r.id`,
    [[...new Set(taken.map((each) => each.objectType))]],
  );
  const messages = await ruleMessages(
    ctx,
    rules.map((each) => each.id),
  );
  for (const rule of rules) {
    const events = taken.filter((each) => each.objectType === rule.objectType && rule.events.includes(each.name)).map((each) => each.seq);
    if (events.length === 0) continue;
    await guarded(ctx, rule, events, 'NEW', async (part) => await evaluate(ctx, rule, messages.get(rule.id) ?? [], part));
  }
  return taken.length === batchSize;
}

/** Forgets the oldest outcomes and events after their time. What waits stays. */
export async function pruneEvents(ctx: Context): Promise<boolean> {
  const outcomes = await affected(
    ctx,
    `delete from rule_outcome where ctid in (
       select o.ctid from rule_outcome o where o.state <> 'HELD' and o.event_seq <= (
         select e.seq from event e where e.recorded_at < clock_timestamp() - make_interval(days => ${outcomeDays}) order by e.recorded_at desc limit 1
       ) order by o.event_seq limit ${mostPruned})`,
  );
  const events = await affected(
    ctx,
    `delete from event where seq in (
       select e.seq from event e where e.recorded_at < clock_timestamp() - make_interval(days => ${eventDays})
         and not exists (select from event_waiting w where w.event_seq = e.seq) and not exists (select from rule_outcome o where o.event_seq = e.seq)
       order by e.recorded_at limit ${mostPruned})`,
  );
  return outcomes === mostPruned || events === mostPruned;
}
