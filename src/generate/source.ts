import type { Context } from '../context.js';
import type { Part } from './chunk.js';
import type { Recipients } from './match.js';
import { type Cause, causeColumns, type FrozenRun, type RunMessage, type RunSettings, type RunState } from './run.js';
import type { Candidate, FunnelCount, Who } from './why/step.js';

/** A run as its worker sees it. */
export interface ClaimedRun extends Cause {
  id: string;
  state: RunState;
  /** Null before it has started. */
  messages: RunMessage[] | null;
  settings: RunSettings | null;
  /** The instant that it is for; a late run is still for the instant at which it was due. */
  scheduledFor: Date;
  /** Nothing of it will be there: it only asks what a run would do, waits for no run, and lets none wait. */
  rehearsed?: boolean;
}

export const claimColumns = `id, ${causeColumns('run')}, state, messages, settings, scheduled_for as "scheduledFor"`;

/** What a cause says of its run when it starts. */
export interface Prepared {
  recipients: Recipients;
  messages: RunMessage[];
  settings: RunSettings;
  /** How many are left after each criterion, from all candidates on; where the cause has criteria of its own. */
  funnel?: (ctx: Context) => Promise<FunnelCount[]>;
}

/** A kind of cause. Throws a CallerError where the run cannot take place: it is FAILED with its words. */
export interface RunSource {
  prepare(ctx: Context, run: ClaimedRun): Promise<Prepared>;
  /** Those of somebody whom the cause may meet, with what each criterion saw. Throws Invalid where `who` names what it is never about. */
  explain(ctx: Context, run: ClaimedRun, who: Who): Promise<Candidate[]>;
  /** Writes the notifications of the chunk, whose communications follow in the same transaction. */
  notify?(ctx: Context, run: FrozenRun, part: Part): Promise<void>;
}

/** What prepares a run, by what caused it. */
export type PickSource = (run: Cause) => RunSource;

let pick: PickSource | undefined;

/** Filled once by the wiring: causes stand to the left of this stage, which imports none of them. */
export function registerSources(sources: PickSource): void {
  pick = sources;
}

export function sourceOf(run: Cause): RunSource {
  if (!pick) throw new Error('No sources of runs are registered');
  return pick(run);
}
