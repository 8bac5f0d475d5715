import type { Context } from '../../context.js';
import { first } from '../../database/sql.js';
import { decidedSql } from '../match.js';
import type { RunMessage, RunSettings } from '../run.js';
import type { ExplainedStep } from './step.js';

interface Decided {
  preferred: string | null;
  direct: boolean;
  affiliate: boolean;
  language: string | null;
  address: string | null;
  reason: string | null;
}

/** What the run's own decision says of one contact, and what it looked at: consent, language, address. */
export async function explainDecision(
  ctx: Context,
  contactId: string,
  message: RunMessage,
  settings: RunSettings,
): Promise<{ steps: ExplainedStep[]; reason: string | null }> {
  const parameters: unknown[] = [contactId];
  const asked = 'select k.id as contact_id, null::text as skip_reason from contact k where k.id = $1';
  const decided = await first<Decided>(
    ctx,
    `select k.preferred_language as preferred, k.direct_marketing as direct, k.affiliate_marketing as affiliate, d.language, d.address, d.reason
     from (${decidedSql(asked, message, settings, parameters)}) d join contact k on k.id = d.contact_id`,
    parameters,
  );
  if (!decided) return { steps: [], reason: null };
  const { direct, affiliate, preferred, language, address } = decided;
  return {
    steps: [
      consentStep('DIRECT', settings.applyDirectMarketing, direct),
      consentStep('AFFILIATE', settings.applyAffiliateMarketing, affiliate),
      languageStep(message, preferred, language),
      addressStep(message, address),
    ],
    reason: decided.reason,
  };
}

/** What a run wrote down of one recipient; null for what it did not. */
export function recordedDecision(
  message: RunMessage,
  settings: RunSettings,
  { language, address, reason }: { language: string | null; address: string | null; reason: string | null },
): ExplainedStep[] {
  const { applyDirectMarketing, applyAffiliateMarketing } = settings;
  // The first reason that holds is the one recorded: what comes behind it was not asked.
  const order = ['OPTED_OUT_DIRECT', 'OPTED_OUT_AFFILIATE', 'NO_CONTENT', 'NO_ADDRESS'];
  const stopped = reason === null ? order.length : order.indexOf(reason);
  const passed = (place: number) => (stopped === -1 || place > stopped ? null : place < stopped);
  const withPassed = (step: ExplainedStep, place: number) => ({ ...step, passed: passed(place) });
  return [
    { ...consentStep('DIRECT', applyDirectMarketing, true), saw: null },
    { ...consentStep('AFFILIATE', applyAffiliateMarketing, true), saw: null },
    languageStep(message, null, language),
    addressStep(message, address),
  ].map(withPassed);
}

function consentStep(marketing: 'DIRECT' | 'AFFILIATE', applied: boolean, consents: boolean): ExplainedStep {
  const name = marketing.toLowerCase();
  return {
    type: 'CONSENT',
    marketing,
    applied,
    label: applied ? `The contact has not opted out of ${name} marketing` : `The ${name} marketing preference is not asked`,
    passed: !applied || consents,
    saw: consents,
  };
}

function languageStep({ languages }: RunMessage, preferred: string | null, language: string | null): ExplainedStep {
  return {
    type: 'LANGUAGE',
    language,
    label: `There is a text in ${languages.join(', ')} for the contact`,
    passed: language !== null,
    saw: preferred,
  };
}

function addressStep({ medium, addressType, needsAddress }: RunMessage, address: string | null): ExplainedStep {
  const which = addressType === null ? 'a primary address' : `an address of the type ${addressType}`;
  return {
    type: 'ADDRESS',
    medium,
    addressType,
    address,
    label: needsAddress ? `The contact has ${which} for ${medium}` : `${medium} needs no address here`,
    passed: !needsAddress || address !== null,
    saw: address,
  };
}
