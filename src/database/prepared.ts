import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';

/** The name of each text that is prepared. Texts come from our code alone, so there are few. */
const names = new Map<string, string>();

/**
 * A statement that every connection prepares once, by name: planning one that joins and locks takes as long as carrying it out. For
 * texts of hot paths that do not depend on what callers say. PostgreSQL plans anew when the tables' statistics or indexes change.
 */
export function prepared(text: string): string {
  if (!names.has(text)) names.set(text, `carillon_${createHash('sha256').update(text).digest('base64url').slice(0, 16)}`);
  return text;
}

/** Makes a new connection send such statements by their names. */
export function nameStatements(client: PoolClient): void {
  const query = client.query.bind(client) as (...given: unknown[]) => unknown;
  const named = (text: unknown, values: unknown, ...more: unknown[]) => {
    const name = typeof text === 'string' ? names.get(text) : undefined;
    return name === undefined ? query(text, values, ...more) : query({ name, text }, values, ...more);
  };
  client.query = named as typeof client.query;
}
