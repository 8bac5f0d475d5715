import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery, type Kysely } from 'kysely';

/** A request's or a job's Context, or anything else that carries an entity manager. */
export interface HasEntityManager {
  readonly em: SqlEntityManager;
}

/**
 * Plain SQL beside the entities: sets and hot reads go through here (performance.md C: hydration costs 8 to 15 times the
 * rest of a request). `$1`-parameters travel apart from the text; arrays, dates and JSON values are the driver's to encode.
 * The statement takes part in the transaction of `ctx.em`, where one is open.
 */
export async function rows<Row>(ctx: HasEntityManager, text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
  const result = await execute<Row>(ctx, text, parameters);
  return result.rows;
}

/** The first row, or undefined. */
export async function first<Row>(ctx: HasEntityManager, text: string, parameters: readonly unknown[] = []): Promise<Row | undefined> {
  return (await rows<Row>(ctx, text, parameters))[0];
}

/** How many rows the statement inserted, updated or deleted. */
export async function affected(ctx: HasEntityManager, text: string, parameters: readonly unknown[] = []): Promise<number> {
  const result = await execute(ctx, text, parameters);
  return Number(result.numAffectedRows ?? 0);
}

async function execute<Row>(ctx: HasEntityManager, text: string, parameters: readonly unknown[]) {
  const { em } = ctx;
  const connection = em.getConnection();
  await connection.ensureConnection();
  const runner: Kysely<unknown> = em.getTransactionContext() ?? connection.getClient();
  return await runner.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]));
}

/** Ids and other words that need no quotes, as PostgreSQL reads an array: pg would look at each of them for what it must escape. */
export function listOf(words: readonly (string | null)[]): string {
  return `{${words.map((each) => each ?? 'NULL').join()}}`;
}
