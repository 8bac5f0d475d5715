import type { Medium } from '../catalogue/medium.js';
import type { Context } from '../context.js';
import { prepared } from '../database/prepared.js';
import { rows } from '../database/sql.js';
import { transact } from '../graphql/request.js';
import { campaignsFrom, countClaim, isCampaignTurn } from './turns.js';

/** Work for the engine's own carrier, leased. */
export interface EngineEntry {
  id: string;
  leaseToken: string;
  attempt: number;
  /** Smaller goes first. */
  priority: number;
  medium: Medium;
  origin: string;
  address: string | null;
  contactId: string;
  contactName: string;
  contentId: string;
  language: string;
  tagValues: unknown[];
  zoneOffset: number;
  seq: number;
  linkFrameId: string | null;
  number: string;
  runId: string | null;
  createdAt: Date;
  expiresAt: Date | null;
}

export interface EngineLeaseOptions {
  media: readonly Medium[];
  limit: number;
  leaseSeconds: number;
  /** Who takes them, for people who look. */
  holder: string;
}

/**
 * Leases what is due and has no external system: by priority, then oldest first, in a short transaction of its own; now and then
 * campaigns first. Nobody else gets it before the lease ends; what is not settled by then is due again by itself. Expired
 * entries are left to the sweep.
 */
export async function leaseEngineEntries(ctx: Context, options: EngineLeaseOptions): Promise<EngineEntry[]> {
  const queue = `engine ${options.media.join()}`;
  return await transact(ctx, async (inside) => {
    const taken = isCampaignTurn(ctx.tail, queue) ? await claim(inside, options, campaignsFrom) : [];
    const left = options.limit - taken.length;
    if (left > 0) taken.push(...(await claim(inside, { ...options, limit: left }, anyPriority)));
    inside.afterCommit(() => countClaim(ctx.tail, queue, taken, options.limit));
    return taken;
  });
}

const anyPriority = -32_768;

async function claim(ctx: Context, { media, limit, leaseSeconds, holder }: EngineLeaseOptions, from: number): Promise<EngineEntry[]> {
  return await rows<EngineEntry>(
    ctx,
    prepared(`with due as (
         select id from queue_entry
         where external_system_id is null and medium = any($1::text[]) and due_at <= clock_timestamp()
           and (expires_at is null or expires_at > clock_timestamp()) and priority >= $5
         order by priority, due_at, seq
         limit $2 for update skip locked
       ), leased as (
         update queue_entry q set lease_token = gen_random_uuid(), leased_by = $4, attempts = q.attempts + 1,
           -- A lease that ended without a word: its worker died, perhaps between the message and the note of it.
           last_error = case when q.lease_token is not null then 'IN_DOUBT: the worker that had it vanished' else q.last_error end,
           due_at = clock_timestamp() + make_interval(secs => $3)
         from due where q.id = due.id
         returning q.id, q.seq, q.priority, q.lease_token, q.attempts
       )
       select l.id, l.priority, l.lease_token as "leaseToken", l.attempts as attempt, c.medium, c.origin, c.address, c.contact_id as "contactId", k.name as "contactName",
         c.content_id as "contentId", c.language, c.tag_values as "tagValues", c.zone_offset as "zoneOffset", c.seq, c.link_frame_id as "linkFrameId",
         'CM' || lpad(c.seq::text, greatest(6, length(c.seq::text)), '0') as number,
         c.run_id as "runId", c.created_at as "createdAt", c.expires_at as "expiresAt"
       from leased l join communication c on c.id = l.id join contact k on k.id = c.contact_id
       order by l.priority, l.seq`),
    [media, limit, leaseSeconds, holder, from],
  );
}

/** Moves the end of leases that are still ours; answers which those are. */
export async function extendLease(
  ctx: Context,
  entries: readonly { id: string; leaseToken: string }[],
  leaseSeconds: number,
): Promise<Set<string>> {
  const kept = await rows<{ id: string }>(
    ctx,
    `update queue_entry q set due_at = clock_timestamp() + make_interval(secs => $3)
     from unnest($1::uuid[], $2::uuid[]) as e (id, token) where q.id = e.id and q.lease_token = e.token
     returning q.id`,
    [entries.map((each) => each.id), entries.map((each) => each.leaseToken), leaseSeconds],
  );
  return new Set(kept.map((each) => each.id));
}
