import type { Medium } from '../../catalogue/medium.js';

interface Answered {
  /** What is asked, in words, English. */
  label: string;
  /** Whether it lets pass; null where it was not recorded. */
  passed: boolean | null;
  /** What it looked at, as JSON; null where there was nothing, or it was not recorded. */
  saw: unknown;
}

/** One thing that decides whether somebody hears of something, with what it saw. */
export type ExplainedStep = Answered &
  (
    | { type: 'CAUSE' }
    | { type: 'CRITERION'; kind: string; path: readonly string[] }
    | { type: 'SEGMENT'; excludes: boolean }
    | { type: 'CONSENT'; marketing: 'DIRECT' | 'AFFILIATE'; applied: boolean }
    | { type: 'LANGUAGE'; language: string | null }
    | { type: 'ADDRESS'; medium: Medium; addressType: string | null; address: string | null }
  );

/** Why somebody was not met at all; the other reasons are those of RunSkip. */
export const notMatched = 'NOT_MATCHED';
export const cannotRun = 'CANNOT_RUN';

/** Somebody whom a cause may meet, with what the cause itself asks; consent, language and address come behind it. */
export interface Candidate {
  contactId: string;
  accountId: string | null;
  objectId: string | null;
  /** What it would be about; null where contacts are met for themselves. */
  object: { type: string; externalId: string; number: string | null } | null;
  steps: ExplainedStep[];
  /** Why not, as far as the cause decides; null: it meets this one. */
  reason: string | null;
}

/** Of whom an explanation is asked. */
export interface Who {
  /** The contact; of an object its own and the owner of its account, for either may be the one who hears of it. */
  contactIds: readonly [string, ...string[]];
  /** Null: whatever the contact has of what the cause is about. */
  object: { type: string; id: string } | null;
}

/** At most so many objects of one contact are explained in one answer. */
export const mostCandidates = 50;

/** How many recipients were left after a criterion. */
export interface FunnelCount {
  kind: string;
  path: readonly string[];
  label: string;
  /** Null: those whom the run met. The last criterion lets pass whom the run meets, so nobody has to count them again. */
  left: number | null;
}
