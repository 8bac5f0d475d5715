import { tagValuesSql, zoneOffsetSql } from '../catalogue/values.js';
import { appendChanges } from '../changes/append.js';
import { loadContents } from '../content/load.js';
import { type Content, render } from '../content/render.js';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import type { RunMessage } from './run.js';
import type { RunSettings } from './runner.js';

/** Measured: larger chunks are hardly faster, and live traffic waits behind them (performance.md B2). */
const chunkSize = 5_000;

interface Chunk {
  runId: string;
  from: number;
  to: number;
}

/**
 * Turns the next recipients into communications with their queue entries and changes, and moves the run on, all in the
 * caller's transaction. Answers whether there is more.
 */
export async function generateChunk(
  ctx: Context,
  run: { id: string; messages: readonly RunMessage[] },
  settings: RunSettings,
): Promise<boolean> {
  const stand = await first<{ doneTo: number; lastOrdinal: number }>(
    ctx,
    'select done_to as "doneTo", last_ordinal as "lastOrdinal" from run where id = $1',
    [run.id],
  );
  if (!stand || stand.doneTo >= stand.lastOrdinal) return false;
  const chunk = { runId: run.id, from: stand.doneTo, to: Math.min(stand.doneTo + chunkSize, stand.lastOrdinal) };
  const contents = await loadContents(ctx, [...new Set(run.messages.map((each) => each.contentId))]);
  let generated = 0;
  let rejected = 0;
  for (const [place, message] of run.messages.entries()) {
    const content = contents.get(message.contentId);
    if (!content) throw new Error(`Content ${message.contentId} is missing`);
    const tooLong = message.characterLimit === null ? [] : await overLimit(ctx, chunk, place, content, message.characterLimit, settings);
    generated += await insertMessages(ctx, chunk, place, message, content, tooLong, settings);
    rejected += tooLong.length;
  }
  const done = chunk.to === stand.lastOrdinal;
  await rows(
    ctx,
    `with moved as (
       update run set done_to = $2, generated = generated + $3, state = case when $5 then 'COMPLETED' else state end,
         finished_at = case when $5 then clock_timestamp() end
       where id = $1
     )
     insert into run_tally (run_id, pending, rejected) values ($1, $3 - $4::int, $4)`,
    [run.id, chunk.to, generated, rejected, done],
  );
  await appendChanges(ctx, [{ kind: 'run.changed', runId: run.id }]);
  ctx.afterCommit(() => ctx.bells.work('delivery'));
  return !done;
}

async function insertMessages(
  ctx: Context,
  chunk: Chunk,
  place: number,
  message: RunMessage,
  content: Content,
  tooLong: readonly number[],
  settings: RunSettings,
): Promise<number> {
  const parameters: unknown[] = [
    chunk.runId,
    chunk.from,
    chunk.to,
    place,
    message.medium,
    settings.origin,
    message.externalSystemId,
    content.id,
    settings.expiresAt,
    settings.priority,
    tooLong,
    message.characterLimit,
  ];
  const { joins, expression } = valuesOf(content, settings, parameters);
  const made = await first<{ count: number }>(
    ctx,
    `with picked as (${pickedSql}), made as (
       insert into communication (contact_id, object_id, medium, origin, state, address, external_system_id, run_id, content_id, language, tag_values,
         zone_offset, expires_at, rejected_at, rejection_code, rejection_message)
       select p.contact_id, p.object_id, $5, $6, case when p.long then 'REJECTED' else 'PENDING' end, p.address, $7::uuid, $1, $8, p.language,
         ${expression}, ${zoneOffsetSql('c', ctx.config.defaultTimeZone, (value) => place$(parameters, value))}, $9::timestamptz,
         case when p.long then clock_timestamp() end, case when p.long then 'TOO_LONG' end,
         case when p.long then 'It is longer than the ' || $12::int || ' characters allowed.' end
       from picked p join contact c on c.id = p.contact_id ${joins}
       order by p.ordinal
       returning id, seq, contact_id, state
     ), queued as (
       insert into queue_entry (id, seq, external_system_id, medium, run_id, priority, expires_at)
       select id, seq, $7::uuid, $5, $1, $10, $9 from made where state = 'PENDING'
     ), expiring as (
       insert into entry_expiry (communication_id, expires_at) select id, $9 from made where state = 'PENDING' and $9::timestamptz is not null
     ), announced as (
       insert into change_outbox (kind, contact_id, external_system_id, communication_id, data)
       select 'entry.created', contact_id, $7::uuid, id, jsonb_build_object('state', state) from made where $7::uuid is not null order by seq
     )
     select count(*)::int as count from made`,
    parameters,
  );
  return made?.count ?? 0;
}

const pickedSql = `select r.ordinal, r.contact_id, r.object_id, r.language, r.address, r.ordinal = any($11::bigint[]) as long
  from run_recipient r where r.run_id = $1 and r.ordinal > $2 and r.ordinal <= $3 and r.message = $4`;

/** Only what may pass a limit is rendered before it is sent: the ordinals of those that do (C29). */
async function overLimit(
  ctx: Context,
  chunk: Chunk,
  place: number,
  content: Content,
  limit: number,
  settings: RunSettings,
): Promise<number[]> {
  const parameters: unknown[] = [chunk.runId, chunk.from, chunk.to, place];
  const { joins, expression } = valuesOf(content, settings, parameters);
  const zone = zoneOffsetSql('c', ctx.config.defaultTimeZone, (value) => place$(parameters, value));
  const found = await rows<{ ordinal: number; language: string; values: unknown[]; zoneOffset: number }>(
    ctx,
    `select p.ordinal, p.language, ${expression} as values, ${zone} as "zoneOffset"
     from run_recipient p join contact c on c.id = p.contact_id ${joins}
     where p.run_id = $1 and p.ordinal > $2 and p.ordinal <= $3 and p.message = $4`,
    parameters,
  );
  return found
    .filter(({ language, values, zoneOffset }) => [...render(content, language, values, { zoneOffset }).text].length > limit)
    .map((each) => each.ordinal);
}

function valuesOf(content: Content, settings: RunSettings, parameters: unknown[]) {
  return tagValuesSql(content.tags, {
    contact: 'c',
    parameters: (value: unknown) => place$(parameters, value),
    expiresAt: settings.expiresAt,
  });
}

/** Appends a parameter and answers its placeholder. */
function place$(parameters: unknown[], value: unknown): string {
  parameters.push(value);
  return `$${parameters.length}`;
}
