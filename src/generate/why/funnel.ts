import type { Context } from '../../context.js';
import { databaseNow } from '../../database/clock.js';
import { first } from '../../database/sql.js';
import { countMatches, type Matched } from '../match.js';
import type { Cause } from '../run.js';
import { sourceOf } from '../source.js';
import { asOf } from './as-of.js';
import type { FunnelCount } from './step.js';

/** A step of a whole funnel. */
export type FunnelStep = FunnelCount & { left: number };

/** The reasons for which a run skips, in the order in which it decides; the first that holds is the one it tells. */
const decisions: [reason: string, label: string][] = [
  ['EXCLUDED_SEGMENT', 'In no excluded segment'],
  ['OPTED_OUT_DIRECT', 'Has not opted out of direct marketing'],
  ['OPTED_OUT_AFFILIATE', 'Has not opted out of affiliate marketing'],
  ['NO_CONTENT', 'There is a text in a language for the contact'],
  ['NO_ADDRESS', 'The contact has an address for the medium'],
];

/** From all candidates to those that get a communication: the criteria, then who was met, then what each reason took away. */
export function funnelOf(criteria: readonly FunnelCount[], { total, skipped }: Pick<Matched, 'total' | 'skipped'>): FunnelStep[] {
  const asked = criteria.map((each) => ({ ...each, left: each.left ?? total }));
  const steps: FunnelStep[] = [...asked, { kind: 'MATCHED', path: [], label: 'Met by the run', left: total }];
  const others = Object.keys(skipped).filter((reason) => decisions.every(([known]) => known !== reason));
  let left = total;
  for (const [reason, label] of [...decisions, ...others.map((each): [string, string] => [each, each])]) {
    const taken = skipped[reason];
    if (taken === undefined) continue;
    left -= taken;
    steps.push({ kind: reason, path: [], label, left });
  }
  // Facts may change between the statements that count; a later step never has more than an earlier one.
  for (let place = steps.length - 2; place >= 0; place--) {
    const [step, next] = [steps[place], steps[place + 1]];
    if (step && next) step.left = Math.max(step.left, next.left);
  }
  return steps;
}

/** The funnel of a run that has matched; empty before. */
export async function funnelOfRun(ctx: Context, runId: string): Promise<FunnelStep[]> {
  const row = await first<{ funnel: FunnelCount[] | null; total: number; skipped: Record<string, number>; started: boolean }>(
    ctx,
    'select funnel, matched as total, skipped, started_at is not null as started from run where id = $1',
    [runId],
  );
  return row?.started ? funnelOf(row.funnel ?? [], row) : [];
}

/** The funnel of a run that there is not: what it would be at that instant, with the facts of now. */
export async function funnelOfCause(ctx: Context, cause: Cause, at: Date | null): Promise<FunnelStep[]> {
  return await asOf(ctx, at, async (inside) => {
    const scheduledFor = at ?? (await databaseNow(inside));
    const run = { ...cause, id: '', state: 'SCHEDULED' as const, messages: null, settings: null, scheduledFor, rehearsed: true };
    const { recipients, messages, settings, funnel } = await sourceOf(cause).prepare(inside, run);
    const sum: Pick<Matched, 'total' | 'skipped'> = { total: 0, skipped: {} };
    for (const message of messages) {
      const { total, skipped } = await countMatches(inside, recipients, message, settings);
      sum.total += total;
      for (const [reason, count] of Object.entries(skipped)) sum.skipped[reason] = (sum.skipped[reason] ?? 0) + count;
    }
    return funnelOf((await funnel?.(inside)) ?? [], sum);
  });
}
