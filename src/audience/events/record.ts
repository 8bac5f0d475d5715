import { shown } from '../../catalogue/check-fields.js';
import { didYouMean } from '../../catalogue/nearest.js';
import { isObjectType, objectTypeNames, typeOf } from '../../catalogue/object-types.js';
import type { Context } from '../../context.js';
import { rows } from '../../database/sql.js';
import { Conflict, type Problem, Problems, summary } from '../../errors.js';
import { localId } from '../../graphql/node.js';
import { instantOf } from '../../graphql/scalars.js';

/** Something that happened, as a caller tells it. */
export interface GivenEvent {
  objectType: string;
  event: string;
  externalId: string;
  payload?: Record<string, unknown> | null;
  occurredAt?: string | null;
  idempotencyKey?: string | null;
  /** The communication that led to it, by its public id. */
  causedBy?: string | null;
}

export interface Recorded {
  recorded: number;
  duplicates: number;
  /** In the order given; of a duplicate, the first one's. */
  eventIds: string[];
}

/** Events of one call. */
export const mostEvents = 1_000;
const greatestPayload = 16 * 1_024; // bytes of JSON
const greatestKey = 200; // characters
/** Clocks may differ that much. */
const toleranceMs = 5 * 60_000;

/**
 * Records events, all or nothing, by one statement. An event whose key is known is not recorded again, and another event with
 * that key is CONFLICT, with all such problems. Where a rule listens it is told after the commit.
 */
export async function recordEvents(ctx: Context, given: readonly GivenEvent[]): Promise<Recorded> {
  const problems = new Problems();
  if (given.length > mostEvents) {
    problems.add(
      ['events'],
      'TOO_MANY',
      `The call has ${given.length} events; at most ${mostEvents} are allowed, so send them in several calls.`,
    );
    problems.throwIfAny();
  }
  for (const [index, each] of given.entries()) checkEvent(ctx, each, problems, ['events', index]);
  await checkObjects(ctx, given, problems);
  if (problems.list.length > 0) {
    const wrong = new Set(problems.list.map(({ path }) => path[1]));
    // A time that is none is told by who reads the input.
    const isTimed = (index: number) => given[index]?.occurredAt == null || instantOf(given[index].occurredAt) !== undefined;
    const sound = [...given.keys()].filter((index) => !wrong.has(index) && isTimed(index));
    problems.list.push(...keyProblems(given, await knownKeys(ctx, given, sound)));
  }
  problems.throwIfAny();
  if (given.length === 0) return { recorded: 0, duplicates: 0, eventIds: [] };
  const made = await rows<{ eventId: string; recorded: boolean }>(
    ctx,
    'select event_id as "eventId", recorded from record_events($1::jsonb)',
    [JSON.stringify(given.map(rowOf))],
  );
  // Looked for afterwards: of two calls at the same time, one has waited for the other's event.
  const known = await knownKeys(
    ctx,
    given,
    [...given.keys()].filter((index) => made[index]?.recorded === false),
  );
  const reused = keyProblems(given, known);
  if (reused.length > 0) throw new Conflict(summary(reused), reused);
  const earlier = new Map(known.map((each) => [each.index, each.eventId]));
  const recorded = made.filter((each) => each.recorded).length;
  if (recorded > 0) ctx.afterCommit(() => ctx.bells.work('event'));
  return {
    recorded,
    duplicates: given.length - recorded,
    eventIds: made.map((each, index) => earlier.get(index) ?? each.eventId),
  };
}

type Path = (string | number)[];

function checkEvent(ctx: Context, given: GivenEvent, problems: Problems, path: Path): void {
  const { objectType, event, payload, occurredAt, idempotencyKey, causedBy } = given;
  if (!isObjectType(objectType)) {
    const hint = didYouMean(objectType, objectTypeNames()) || ` There are ${objectTypeNames().join(', ')}.`;
    problems.add([...path, 'object', 'type'], 'UNKNOWN_TYPE', `${shown(objectType)} is no object type.${hint}`);
  } else if (!typeOf(objectType).eventByName.has(event)) {
    const names = [...typeOf(objectType).eventByName.keys()];
    const hint = didYouMean(event, names) || ` It has ${names.join(', ')}; declareEvent adds others.`;
    problems.add([...path, 'event'], 'UNKNOWN_EVENT', `${shown(event)} is no event of ${objectType}.${hint}`);
  }
  const text = JSON.stringify(payload ?? {});
  if (Buffer.byteLength(text) > greatestPayload)
    problems.add(
      [...path, 'payload'],
      'TOO_LARGE',
      `The payload has ${Buffer.byteLength(text)} bytes; at most ${greatestPayload} are allowed.`,
    );
  if (text.includes('\\u0000') || !text.isWellFormed())
    problems.add([...path, 'payload'], 'INVALID_TEXT', 'The payload has a NUL character or broken Unicode.');
  if (occurredAt != null && Date.parse(occurredAt) > ctx.now().getTime() + toleranceMs)
    problems.add([...path, 'occurredAt'], 'IN_THE_FUTURE', 'An event has happened; its time cannot lie ahead.');
  if (causedBy != null && localId('Communication', causedBy) === undefined)
    problems.add([...path, 'causedBy'], 'NOT_FOUND', 'There is no such communication.');
  if (idempotencyKey != null && (idempotencyKey === '' || idempotencyKey.length > greatestKey || /\p{Cc}/u.test(idempotencyKey)))
    problems.add([...path, 'idempotencyKey'], 'INVALID', `A key has 1 to ${greatestKey} characters, in one line.`);
}

/** All objects are looked for by one statement. */
async function checkObjects(ctx: Context, given: readonly GivenEvent[], problems: Problems): Promise<void> {
  const asked = given.filter((each) => isObjectType(each.objectType) && !each.externalId.includes('\0'));
  const found = await rows<{ type: string; externalId: string }>(
    ctx,
    `select g.type, g.external_id as "externalId" from (select distinct * from unnest($1::text[], $2::text[]) as g (type, external_id)) g
     where case g.type when 'contact' then exists (select from contact k where k.external_id = g.external_id)
       when 'account' then exists (select from account a where a.external_id = g.external_id)
       else exists (select from business_object o where o.type = g.type and o.external_id = g.external_id) end`,
    [asked.map((each) => each.objectType), asked.map((each) => each.externalId)],
  );
  const known = new Set(found.map((each) => JSON.stringify([each.type, each.externalId])));
  for (const [index, { objectType, externalId }] of given.entries()) {
    if (isObjectType(objectType) && !known.has(JSON.stringify([objectType, externalId])))
      problems.add(['events', index, 'object', 'externalId'], 'NOT_FOUND', `There is no ${objectType} ${shown(externalId)}.`);
  }
}

function rowOf({ objectType, event, externalId, payload, occurredAt, idempotencyKey, causedBy }: GivenEvent) {
  return {
    object_type: objectType,
    external_id: externalId,
    name: event,
    payload: payload ?? {},
    occurred_at: occurredAt ?? null,
    key: idempotencyKey ?? null,
    caused_by: localId('Communication', causedBy ?? '') ?? null,
  };
}

interface KnownKey {
  /** In the list that was given. */
  index: number;
  /** The event that has the key; null where it is another one of the list. */
  eventId: string | null;
  same: boolean;
}

/** Those of the list whose keys are known, or stand in the list before, and whether what they tell is the same. */
async function knownKeys(ctx: Context, given: readonly GivenEvent[], indexes: readonly number[]): Promise<KnownKey[]> {
  const keyed = indexes.filter((index) => given[index]?.idempotencyKey != null);
  if (keyed.length === 0) return [];
  return await rows<KnownKey>(
    ctx,
    `with g as (
       select e.n, e.r ->> 'key' as key, event_hash(e.r) as hash from jsonb_array_elements($1::jsonb) with ordinality as e (r, n)
     ), compared as (
       select g.n, e.id, g.hash, case when e.id is null then first_value(g.hash) over (partition by g.key order by g.n) else e.given_hash end as known
       from g left join event e on e.idempotency_key = g.key
     )
     select ($2::int[])[n] as index, id as "eventId", coalesce(known = hash, true) as same from compared where id is not null or known <> hash order by n`,
    [JSON.stringify(keyed.flatMap((index) => (given[index] ? [rowOf(given[index])] : []))), keyed],
  );
}

/** The same key with another event is the caller's mistake. */
function keyProblems(given: readonly GivenEvent[], known: readonly KnownKey[]): Problem[] {
  return known
    .filter((each) => !each.same)
    .map(({ index }) => ({
      path: ['events', index, 'idempotencyKey'],
      code: 'KEY_REUSED',
      message: `The key ${shown(given[index]?.idempotencyKey ?? '')} was used for another event; take a new key.`,
    }));
}
