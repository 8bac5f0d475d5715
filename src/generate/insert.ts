import type { Direction, Medium } from '../catalogue/medium.js';
import { notificationRowSql } from '../catalogue/notification-row.js';
import { tagValuesSql, zoneOffsetSql } from '../catalogue/values.js';
import type { Content } from '../content/content.js';
import { isLimited, isTooLong, type Limits, limitWords } from '../content/limits.js';
import { frameOf, keepFrame, type LinkFrame } from '../content/links/frame.js';
import { measuringLinks } from '../content/links/maker.js';
import { render } from '../content/render.js';
import type { Context } from '../context.js';
import { databaseNow } from '../database/clock.js';
import { first, rows } from '../database/sql.js';
import { keepSystem, unsupportedWords } from '../queue/systems.js';
import { readSettings } from '../settings/settings.js';
import type { Consent } from './match.js';

/** Communications of one medium and content, made together: one, or a chunk of a run. */
export interface Batch {
  /**
   * A query of `ordinal`, `contact_id`, `account_id`, `object_id`, `language` and `address`; its parameters are appended.
   */
  picked(parameters: unknown[]): string;
  /** What else the query answers, from which the rest of each row is taken. */
  carries?: Carried;
  medium: Medium;
  content: Content;
  origin: string;
  externalSystemId: string | null;
  /** What they are about for the business (K5). */
  categoryId: string | null;
  runId: string | null;
  /** The rule that makes them. */
  ruleId?: string | null;
  /** The preferences that are asked for again before they are sent, where it is no run that says so. */
  asks?: Consent;
  /** The type of the objects that they are about. */
  objectType: string | null;
  /** Values of unrestricted tags (U2). */
  params?: Readonly<Record<string, string>>;
  /** Null: never. Absent: after the lifetime that the settings give the medium, if any (C16). */
  expiresAt?: Date | string | null | undefined;
  /** Smaller goes first. */
  priority: number;
  /** A longer one is created REJECTED (C29). */
  limits: Limits;
  /** Default: OUTGOING, PENDING. */
  begin?: Beginning;
  /** The caller puts what was made into the log of changes. */
  announcesItself?: boolean;
}

/** Columns that `picked` may have beside those that it must. */
export interface Carried {
  /** `id`: which the communication gets. */
  id?: boolean;
  /** `object_row`, `account_row` and `contact_row`: what they are about, as it was at another time (AMB-3). */
  rows?: boolean;
  /** `tag_values` and `zone_offset`: frozen before. */
  values?: boolean;
  /** `params`: values of unrestricted tags for each, as a jsonb object. */
  params?: boolean;
  /** `event_seq`: the event that each is made for. */
  event?: boolean;
  /** `expires_at`: when each expires, in place of the batch's. */
  expiry?: boolean;
  /** `id` is also that of the notification that each belongs to, which is there: tags tell of it. */
  notification?: boolean;
}

/** How communications begin that do not just wait in the queue. */
export interface Beginning {
  direction: Direction;
  /** DRAFT and COMPLETED ones never enter the queue. */
  state: 'DRAFT' | 'PENDING' | 'COMPLETED' | 'REJECTED';
  rejection?: { code: string; message: string };
  followUpOf?: string | null;
  /** Who wrote it: the subject of a token. */
  createdBy?: string | null;
  /** The rejected one that it tries again, and the run whose preferences hold for it without counting it. */
  retryOf?: string | null;
  consentRunId?: string | null;
  /** A draft that is written anew keeps who it is. */
  as?: { id: string; seq: number; createdAt: Date };
}

const outgoing: Beginning = { direction: 'OUTGOING', state: 'PENDING' };

export interface Inserted {
  count: number;
  rejected: number;
  /** Of the first. */
  firstId: string | null;
  firstSeq: number | null;
}

/** Freezes the values and writes communications, queue entries and changes, all by one statement in the caller's transaction. */
export async function insertCommunications(ctx: Context, given: Batch): Promise<Inserted> {
  const begin = await admitted(ctx, given);
  const expiresAt = given.expiresAt === undefined ? await lifetimeEnd(ctx, given.medium, begin) : given.expiresAt;
  const frame = await frameOf(ctx, given.content, given.medium, { origin: given.origin, direction: begin.direction });
  const batch = { ...given, expiresAt };
  const tooLong = begin.state === 'PENDING' ? await overLimit(ctx, batch, frame) : [];
  const parameters: unknown[] = [
    batch.runId,
    batch.medium,
    batch.origin,
    batch.externalSystemId,
    batch.content.id,
    batch.expiresAt,
    batch.priority,
    tooLong,
    limitWords(batch.limits),
    batch.objectType,
    begin.direction,
    begin.state,
    begin.rejection?.code ?? null,
    begin.rejection?.message ?? null,
    begin.followUpOf ?? null,
    begin.as?.id ?? null,
    begin.as?.seq ?? null,
    begin.as?.createdAt ?? null,
    batch.categoryId,
    batch.ruleId ?? null,
    begin.createdBy ?? null,
    begin.retryOf ?? null,
    begin.consentRunId ?? null,
    frame ? await keepFrame(ctx, frame) : null,
    batch.asks?.applyDirectMarketing ?? null,
    batch.asks?.applyAffiliateMarketing ?? null,
  ];
  const carried = batch.carries ?? {};
  const expiry = {
    of: carried.expiry ? 'coalesce(p.expires_at, $6::timestamptz)' : '$6::timestamptz',
    made: carried.expiry ? 'expires_at' : '$6::timestamptz',
  };
  const picked = batch.picked(parameters);
  const { from, values, zone } = await valuesSql(ctx, batch, 'picked', parameters);
  const made = await first<Inserted>(
    ctx,
    `with picked as (
       select p.*, case when p.ordinal = any($8::bigint[]) then 'REJECTED' else $12 end as state,
         case when p.ordinal = any($8) then 'TOO_LONG' else $13 end as code,
         case when p.ordinal = any($8) then 'It is longer than the ' || $9 || ' allowed.' else $14 end as message
       from (${picked}) p
     ), made as (
       insert into communication (id, seq, created_at, contact_id, account_id, object_type, object_id, medium, direction, origin, state, address,
         external_system_id, run_id, rule_id, event_seq, follow_up_of, category_id, created_by, retry_of, consent_run_id, content_id, language, tag_values, zone_offset,
         link_frame_id, asks_direct_marketing, asks_affiliate_marketing,
         expires_at, completed_at, rejected_at,
         rejection_code, rejection_message) overriding system value
       select coalesce($16::uuid, ${carried.id ? 'p.id' : 'null::uuid'}, new_id()), coalesce($17::bigint, nextval('communication_seq_seq')), coalesce($18::timestamptz, clock_timestamp()),
         p.contact_id, p.account_id, $10, p.object_id, $2, $11, $3, p.state, p.address,
         $4::uuid, $1::uuid, $20::uuid, ${carried.event ? 'p.event_seq' : 'null::bigint'}, $15::uuid, $19::uuid, $21, $22::uuid, $23::uuid, $5, p.language, ${values}, ${zone},
         $24::uuid, $25::boolean, $26::boolean, ${expiry.of},
         case when p.state = 'COMPLETED' then clock_timestamp() end, case when p.state = 'REJECTED' then clock_timestamp() end, p.code, p.message
       from ${from}
       order by p.ordinal
       returning id, seq, contact_id, state${carried.expiry ? ', expires_at' : ''}
     ), queued as (
       insert into queue_entry (id, seq, external_system_id, medium, run_id, priority, expires_at)
       select id, seq, $4::uuid, $2, $1::uuid, $7, ${expiry.made} from made where state = 'PENDING'
     ), expiring as (
       insert into entry_expiry (communication_id, expires_at)
       select id, ${expiry.made} from made where state = 'PENDING' and ${expiry.made} is not null
     ), announced as (
       insert into change_outbox (kind, contact_id, external_system_id, communication_id, data)
       select 'entry.created', contact_id, $4::uuid, id, jsonb_build_object('state', state) from made
       where $4::uuid is not null and state in ('PENDING', 'REJECTED') and ${!batch.announcesItself} order by seq
     )
     select count(*)::int as count, count(*) filter (where state = 'REJECTED')::int as rejected, (array_agg(id order by seq))[1] as "firstId", min(seq) as "firstSeq" from made`,
    parameters,
  );
  ctx.afterCommit(() => (batch.externalSystemId === null ? ctx.bells.work('delivery') : ctx.bells.changes()));
  return made ?? { count: 0, rejected: 0, firstId: null, firstSeq: null };
}

/** The queue looks at the medium for whoever queues, and rejects what the system does not process (C29, X10). */
async function admitted(ctx: Context, { begin = outgoing, externalSystemId, medium }: Batch): Promise<Beginning> {
  if (externalSystemId === null || begin.state !== 'PENDING') return begin;
  const system = await keepSystem(ctx, externalSystemId);
  if (system.media.includes(medium)) return begin;
  return { ...begin, state: 'REJECTED', rejection: { code: 'UNSUPPORTED_MEDIUM', message: unsupportedWords(system, medium) } };
}

/** Only what has a limit is rendered before it is sent: the ordinals of those that pass it. */
async function overLimit(ctx: Context, batch: Batch, frame: LinkFrame | undefined): Promise<number[]> {
  const { limits, content } = batch;
  // What is counted is what the recipient gets: links as long as theirs will be (AMB-19, H3).
  const links = measuringLinks(frame);
  if (!isLimited(limits)) return [];
  const parameters: unknown[] = [];
  const picked = batch.picked(parameters);
  if (content.tags.length === 0) {
    // Everybody gets the same: each language is looked at once, however many they are.
    const languages = content.languages.filter((each) => isTooLong(render(content, each, [], { links }).text, limits));
    if (languages.length === 0) return [];
    const found = await rows<{ ordinal: number }>(
      ctx,
      `select p.ordinal from (${picked}) p where p.language = any($${parameters.push(languages)}::text[])`,
      parameters,
    );
    return found.map((each) => each.ordinal);
  }
  const { from, values, zone } = await valuesSql(ctx, batch, `(${picked})`, parameters);
  const found = await rows<{ ordinal: number; language: string; values: unknown[]; zoneOffset: number }>(
    ctx,
    `select p.ordinal, p.language, ${values} as values, ${zone} as "zoneOffset" from ${from}`,
    parameters,
  );
  return found
    .filter((each) => isTooLong(render(content, each.language, each.values, { zoneOffset: each.zoneOffset, links }).text, limits))
    .map((each) => each.ordinal);
}

/** When what is made now expires by the settings. Drafts get their expiry when they are sent; what the contact said to us does not expire. */
export async function lifetimeEnd(ctx: Context, medium: Medium, { state, direction }: Beginning = outgoing): Promise<Date | null> {
  if (state === 'DRAFT' || direction === 'INCOMING') return null;
  const hours = (await readSettings(ctx)).lifetimeHours[medium] ?? null;
  return hours === null ? null : new Date((await databaseNow(ctx)).getTime() + hours * 3_600_000);
}

/** SQL of the values that each recipient's tags have: frozen with the communication, or kept until it is made. */
export async function valuesSql(
  ctx: Context,
  batch: Pick<Batch, 'carries' | 'objectType' | 'content' | 'params' | 'expiresAt'>,
  picked: string,
  parameters: unknown[],
): Promise<{ from: string; values: string; zone: string }> {
  const { values, params, rows: fromRows = false, notification = false, expiry = false } = batch.carries ?? {};
  if (values) return { from: `${picked} p`, values: 'p.tag_values', zone: 'p.zone_offset' };
  const push = (value: unknown) => {
    parameters.push(value);
    return `$${parameters.length}`;
  };
  const { objectType } = batch;
  const hasAccount = objectType !== null && objectType !== 'contact';
  const isObject = hasAccount && objectType !== 'account';
  const { joins, expression } = tagValuesSql(batch.content.tags, {
    contact: 'c',
    ...(hasAccount && { account: 'a', frozen: fromRows }),
    ...(isObject && { object: { type: objectType, alias: 'o' } }),
    timeZone: ctx.config.defaultTimeZone,
    parameters: push,
    params: params ? 'p.params' : batch.params,
    expiresAt: batch.expiresAt,
    ...(expiry && { expiresAtSql: 'p.expires_at' }),
    ...(notification && { notification: 'n' }),
    links: (await readSettings(ctx)).dynamicLinks,
  });
  const subjects = [
    notification && `join lateral (${notificationRowSql(batch.content.tags, 'nt.id = p.id')}) n on true`,
    objectType === 'contact' && fromRows
      ? 'join contact live on live.id = p.contact_id cross join lateral jsonb_populate_record(live, p.contact_row) c'
      : 'join contact c on c.id = p.contact_id',
    isObject && subjectSql('business_object', 'o', 'object', fromRows),
    hasAccount && subjectSql('account', 'a', 'account', fromRows),
  ];
  return {
    from: `${picked} p ${subjects.filter((each) => each !== false).join(' ')} ${joins}`,
    values: expression,
    zone: zoneOffsetSql('c', ctx.config.defaultTimeZone, push),
  };
}

function subjectSql(table: string, alias: string, name: string, fromRows: boolean): string {
  if (fromRows) return `left join lateral jsonb_populate_record(null::${table}, p.${name}_row) ${alias} on true`;
  return `left join ${table} ${alias} on ${alias}.id = p.${name}_id`;
}
