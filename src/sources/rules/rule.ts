import type { Condition } from '../../catalogue/condition.js';
import type { Context } from '../../context.js';
import { first, type HasEntityManager, rows } from '../../database/sql.js';
import type { Consent } from '../../generate/match.js';
import { type KeptMessage, readMessages } from '../../generate/message.js';
import type { Duration } from '../../generate/recurrence.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../../graphql/connection.js';

/** What a rule sends, and when: an event of one of these names, about an object of this type, that meets its conditions. */
export interface Rule {
  id: string;
  name: string;
  code: string;
  description: string | null;
  objectType: string;
  events: string[];
  /** At least one must be met (E7); none: always. */
  conditions: Condition[];
  /** A time of day in the contact's zone, 09:30; null where it is sent at once or after a while. */
  timeOfDay: string | null;
  after: Duration | null;
  expiresAfter: Duration | null;
  notifyParentAccount: boolean;
  applyDirectMarketingPreference: boolean;
  applyAffiliateMarketingPreference: boolean;
  /** Smaller goes first. */
  priority: number;
  enabled: boolean;
  enabledAt: Date;
  lastError: string | null;
  lastErrorAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** Whose preferences keep its messages from them. */
export function consentOf(rule: Rule): Consent {
  return { applyDirectMarketing: rule.applyDirectMarketingPreference, applyAffiliateMarketing: rule.applyAffiliateMarketingPreference };
}

export const ruleColumns = `r.id, r.name, r.code, r.description, r.object_type as "objectType", r.events, r.conditions,
  to_char(r.send_at, 'HH24:MI') as "timeOfDay", r.send_after as after, r.expires_after as "expiresAfter", r.notify_parent as "notifyParentAccount",
  r.apply_direct_marketing as "applyDirectMarketingPreference", r.apply_affiliate_marketing as "applyAffiliateMarketingPreference",
  r.priority, r.enabled, r.enabled_at as "enabledAt", r.last_error as "lastError", r.last_error_at as "lastErrorAt",
  r.created_at as "createdAt", r.updated_at as "updatedAt"`;

export async function loadRule(ctx: HasEntityManager, id: string): Promise<Rule | null> {
  return (await first<Rule>(ctx, `select ${ruleColumns} from rule r where r.id = $1`, [id])) ?? null;
}

export async function loadRules(ctx: HasEntityManager, ids: readonly string[]): Promise<Map<string, Rule>> {
  const found = await rows<Rule>(ctx, `select ${ruleColumns} from rule r where r.id = any($1::uuid[])`, [ids]);
  return new Map(found.map((each) => [each.id, each]));
}

/** What rules say, one message for each medium, by their ids. */
export async function ruleMessages(ctx: HasEntityManager, ruleIds: readonly string[]): Promise<Map<string, KeptMessage[]>> {
  const messages = await readMessages(ctx, 'rule_message', ruleIds);
  return new Map(ruleIds.map((id, place) => [id, messages[place] ?? []]));
}

export interface RuleFilter {
  search?: string | null;
  objectType?: string | null;
  enabled?: boolean | null;
}

/** Newest first. */
export async function listRules(ctx: Context, args: PageArgs, { search, objectType, enabled }: RuleFilter): Promise<Connection<Rule>> {
  const page = pageOf(args);
  const parameters: unknown[] = [
    search?.trim() ? `%${search.trim().replace(/[\\%_]/g, '\\$&')}%` : null,
    objectType ?? null,
    enabled ?? null,
  ];
  const where = `($1::text is null or r.name ilike $1 or r.code ilike $1 or r.description ilike $1) and ($2::text is null or r.object_type = $2)
    and ($3::boolean is null or r.enabled = $3)`;
  const counting = [...parameters];
  const { where: beyond, orderBy } = keyset(page, 'r.id', 'uuid', true, parameters);
  const found = await rows<Rule>(ctx, `select ${ruleColumns} from rule r where ${where} and ${beyond} ${orderBy}`, parameters);
  return connectionOf(
    page,
    found,
    (each) => [each.id],
    async () => (await first<{ count: number }>(ctx, `select count(*)::int as count from rule r where ${where}`, counting))?.count ?? 0,
  );
}
