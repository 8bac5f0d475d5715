import type { Medium } from '../../catalogue/medium.js';
import type { Context } from '../../context.js';
import { databaseNow } from '../../database/clock.js';
import { CallerError } from '../../errors.js';
import type { Cause } from '../run.js';
import { type ClaimedRun, type Prepared, type RunSource, sourceOf } from '../source.js';
import { asOf } from './as-of.js';
import { explainDecision } from './decision.js';
import { type Candidate, cannotRun, type ExplainedStep, type Who } from './step.js';

/** What becomes of one candidate through one medium. */
export interface Outcome {
  contactId: string;
  object: Candidate['object'];
  medium: Medium | null;
  steps: ExplainedStep[];
  included: boolean;
  /** The first reason for which it is left out. */
  reason: string | null;
  communicationId: string | null;
}

export interface Explanation {
  at: Date;
  basis: 'RECORDED' | 'COMPUTED';
  outcomes: Outcome[];
}

/** What decides beside the cause's own criteria. */
type Decides = Pick<Prepared, 'messages' | 'settings'>;

/** What can be explained: a cause of runs, or a rule. */
export interface Explainable extends Pick<RunSource, 'explain'> {
  prepare(ctx: Context, run: ClaimedRun): Promise<Decides>;
}

let rules: ((ruleId: string) => Explainable) | undefined;

/** Filled once by the wiring: rules stand to the left of this stage. */
export function registerRules(explained: (ruleId: string) => Explainable): void {
  rules = explained;
}

/** What a run at that instant would make of somebody, with the facts of now and by the pipeline of a real run (XU5). */
export async function explainCause(ctx: Context, cause: Cause, who: Who, at: Date | null): Promise<Explanation> {
  return await explainBy(ctx, sourceOf(cause), cause, who, at);
}

/** What a rule would make of somebody, if its event happened now. */
export async function explainRule(ctx: Context, ruleId: string, who: Who, at: Date | null): Promise<Explanation> {
  if (!rules) throw new Error('Nothing that explains rules is registered');
  return await explainBy(ctx, rules(ruleId), { planId: null, notificationTypeId: null }, who, at);
}

async function explainBy(ctx: Context, source: Explainable, cause: Cause, who: Who, at: Date | null): Promise<Explanation> {
  const instant = at ?? (await databaseNow(ctx));
  const outcomes = await asOf(ctx, at, async (inside) => {
    const run: ClaimedRun = {
      ...cause,
      id: '',
      state: 'SCHEDULED',
      messages: null,
      settings: null,
      scheduledFor: instant,
      rehearsed: true,
    };
    const prepared = await orRefusal(source.prepare(inside, run));
    const candidates = await source.explain(inside, run, who);
    return 'message' in prepared ? candidates.map((each) => stopped(each, prepared.message)) : await decided(inside, candidates, prepared);
  });
  return { at: instant, basis: 'COMPUTED', outcomes };
}

/** Each candidate through each medium. Few of both, and each asks for one contact. */
async function decided(ctx: Context, candidates: readonly Candidate[], { messages, settings }: Decides): Promise<Outcome[]> {
  const byContact = Map.groupBy(candidates, (each) => each.contactId);
  const outcomes: Outcome[] = [];
  for (const [contactId, own] of byContact) {
    for (const message of messages) {
      const { steps, reason } = await explainDecision(ctx, contactId, message, settings);
      for (const candidate of own) {
        const why = candidate.reason ?? reason;
        outcomes.push({
          contactId,
          object: candidate.object,
          medium: message.medium,
          steps: [...candidate.steps, ...steps],
          included: why === null,
          reason: why,
          communicationId: null,
        });
      }
    }
  }
  return outcomes;
}

function stopped({ contactId, object, steps }: Candidate, message: string): Outcome {
  const cause: ExplainedStep = { type: 'CAUSE', label: message, passed: false, saw: null };
  return { contactId, object, medium: null, steps: [cause, ...steps], included: false, reason: cannotRun, communicationId: null };
}

/** A cause that cannot run is an answer, too. */
async function orRefusal(prepared: Promise<Decides>): Promise<Decides | CallerError> {
  try {
    return await prepared;
  } catch (error) {
    if (error instanceof CallerError) return error;
    throw error;
  }
}
