import { createHash } from 'node:crypto';
import { type FieldNode, print } from 'graphql';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { Conflict } from '../errors.js';

/** What is known of a key that has been used before. */
export interface EarlierAnswer {
  /** The answer as it was given, for the same selection. */
  answer: unknown;
  /** What the payload pointed at, for another selection. */
  refs: Record<string, unknown>;
  sameSelection: boolean;
}

const keptHours = 24;

/**
 * Takes the key for this caller and mutation (E2x), or answers what it was used for. Runs in the mutation's transaction: a
 * second call at the same time waits for the first one's row, and a rollback frees the key.
 */
export async function takeKey(
  ctx: Context,
  mutation: string,
  key: string,
  input: unknown,
  field: FieldNode,
): Promise<EarlierAnswer | undefined> {
  const caller = `${ctx.viewer.role}:${ctx.viewer.subject}`;
  const inputHash = hash(JSON.stringify(canonical(input)));
  const taken = await first(
    ctx,
    `insert into idempotency (caller, mutation, key, input_hash) values ($1, $2, $3, $4)
     on conflict (caller, mutation, key) do update set input_hash = excluded.input_hash, created_at = clock_timestamp(), answer = null, refs = null
       where idempotency.created_at < clock_timestamp() - make_interval(hours => ${keptHours})
     returning 1 as taken`,
    [caller, mutation, key, inputHash],
  );
  if (taken) return undefined;
  const earlier = await first<{ input_hash: string; selection_hash: string; answer: unknown; refs: Record<string, unknown> }>(
    ctx,
    'select input_hash, selection_hash, answer, refs from idempotency where caller = $1 and mutation = $2 and key = $3',
    [caller, mutation, key],
  );
  if (!earlier) throw new Conflict('This idempotency key was freed while it was waited for; send the call again.');
  if (earlier.input_hash !== inputHash) {
    throw new Conflict(
      `The idempotency key ${JSON.stringify(key)} was used for ${mutation} with another input in the last ${keptHours} hours; take a new key.`,
    );
  }
  return { answer: earlier.answer, refs: earlier.refs ?? {}, sameSelection: earlier.selection_hash === selectionHash(field) };
}

/** Keeps the answer beside the key, in the same transaction. */
export async function keepAnswer(
  ctx: Context,
  mutation: string,
  key: string,
  field: FieldNode,
  answer: unknown,
  refs: unknown,
): Promise<void> {
  await rows(ctx, 'update idempotency set selection_hash = $4, answer = $5, refs = $6 where caller = $1 and mutation = $2 and key = $3', [
    `${ctx.viewer.role}:${ctx.viewer.subject}`,
    mutation,
    key,
    selectionHash(field),
    JSON.stringify(answer),
    JSON.stringify(refs),
  ]);
}

function selectionHash(field: FieldNode): string {
  return hash(field.selectionSet ? print(field.selectionSet) : '');
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Objects with their keys in order, without the key itself and without what was left out. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([name, each]) => name !== 'idempotencyKey' && each !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, canonical(each)]));
}
