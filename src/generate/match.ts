import { languageSql } from '../content/language.js';
import type { Context } from '../context.js';
import { rows } from '../database/sql.js';
import type { RunMessage, RunSettings } from './run.js';

/** Who a cause is about, as SQL. Every cause compiles to one (design.md, idea 1). */
export interface Recipients {
  /**
   * A query of `contact_id`, `account_id` (or null), `object_id` (or null) and `skip_reason` (null for who is not excluded); its
   * parameters are appended to `parameters`.
   */
  sql(parameters: unknown[]): string;
  /** The query answers `item_ids`, too: the objects that one recipient is told of together. */
  items?: boolean;
}

/** Whom to skip for their consent (A6, N30, N31). */
export type Consent = Pick<RunSettings, 'applyDirectMarketing' | 'applyAffiliateMarketing'>;

/**
 * Writes down whom the run meets: one row for each recipient and medium, those that are skipped with their reason. Consent,
 * language and address are decided here and nowhere else, for one recipient as for five million. Those to be generated come
 * first in the order of the ordinals.
 */
export async function match(
  ctx: Context,
  runId: string,
  recipients: Recipients,
  messages: readonly RunMessage[],
  consent: Consent,
): Promise<Matched> {
  const matched: Matched = { total: 0, eligible: 0, skipped: {} };
  for (const [place, message] of messages.entries()) {
    const parameters: unknown[] = [runId, place, matched.eligible];
    const found = await rows<{ reason: string | null; count: number }>(ctx, matchSql(recipients, message, consent, parameters), parameters);
    for (const { reason, count } of found) {
      matched.total += count;
      if (reason === null) matched.eligible += count;
      else matched.skipped[reason] = (matched.skipped[reason] ?? 0) + count;
    }
  }
  return matched;
}

/** As `match`, of one message, and writes nothing down: what a run would meet at this instant. */
export async function countMatches(ctx: Context, recipients: Recipients, message: RunMessage, consent: Consent): Promise<Matched> {
  const parameters: unknown[] = [];
  const met = decidedSql(recipients.sql(parameters), message, consent, parameters);
  const found = await rows<{ reason: string | null; count: number }>(
    ctx,
    `select reason, count(*)::int as count from (${met}) m group by 1`,
    parameters,
  );
  const matched: Matched = { total: 0, eligible: 0, skipped: {} };
  for (const { reason, count } of found) {
    matched.total += count;
    if (reason === null) matched.eligible = count;
    else matched.skipped[reason] = count;
  }
  return matched;
}

export interface Matched {
  total: number;
  eligible: number;
  skipped: Record<string, number>;
}

/** Skipped rows are numbered from the far end, so that the ordinals of the others stay dense over all media. */
const skippedFrom = 1_000_000_000_000;

function matchSql(recipients: Recipients, message: RunMessage, consent: Consent, parameters: unknown[]): string {
  // The offset keeps what is decided from being worked out again for each place where it is used.
  return `with met as (${decidedSql(recipients.sql(parameters), message, consent, parameters)} offset 0), written as (
      insert into run_recipient (run_id, ordinal, contact_id, message, account_id, object_id, item_ids, language, address, skip_reason)
      select $1, case when reason is null then $3::bigint else ${skippedFrom} + $2::bigint * ${skippedFrom} end
          + row_number() over (partition by reason is null order by contact_id, account_id, object_id),
        contact_id, $2, account_id, object_id, ${recipients.items ? 'item_ids' : 'null::uuid[]'}, language, address, reason
      from met
      returning skip_reason
    )
    select skip_reason as reason, count(*)::int as count from written group by 1`;
}

/**
 * A query of recipients with what is decided for each: `language`, `address`, and `reason` where it is skipped. All columns of
 * `asked` come along; its parameters stand before those of the decision.
 */
export function decidedSql(asked: string, message: RunMessage, consent: Consent, parameters: unknown[]): string {
  const address = addressSql(message, parameters);
  const language = languageSql(message, 'c.preferred_language', (value) => `$${parameters.push(value)}`);
  const reasons = [
    `when q.skip_reason is not null then q.skip_reason`,
    ...(consent.applyDirectMarketing ? [`when not c.direct_marketing then 'OPTED_OUT_DIRECT'`] : []),
    ...(consent.applyAffiliateMarketing ? [`when not c.affiliate_marketing then 'OPTED_OUT_AFFILIATE'`] : []),
    `when ${language} is null then 'NO_CONTENT'`,
    ...(message.needsAddress ? [`when ${address} is null then 'NO_ADDRESS'`] : []),
  ];
  return `select q.*, ${language} as language, ${address} as address, case ${reasons.join(' ')} end as reason
    from (${asked}) q join contact c on c.id = q.contact_id`;
}

function addressSql({ medium, addressType }: RunMessage, parameters: unknown[]): string {
  const kind = medium === 'EMAIL' ? 'EMAIL' : medium === 'SMS' || medium === 'WHATSAPP' ? 'PHONE' : null;
  if (kind === null) return 'null::text';
  if (addressType === null) return kind === 'EMAIL' ? 'c.email' : 'c.phone';
  parameters.push(addressType);
  return `(select p.address from contact_point p where p.contact_id = c.id and p.kind = '${kind}' and upper(p.type) = upper($${parameters.length}::text)
    order by p.is_primary desc, p.place limit 1)`;
}
