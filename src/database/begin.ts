import type { PoolClient } from 'pg';

/** What is used of a client and not in its types: several statements may be under way, and be sent as one. */
interface Pipelined {
  pipeline: boolean;
  connection: { stream: { cork(): void; uncork(): void } };
}

/**
 * Makes a connection send `begin` together with the first statement of the transaction: to send it alone, and wait for its answer,
 * costs as much as a small statement does. A transaction without statements is not sent at all.
 */
export function beginLate(client: PoolClient): void {
  const query = client.query.bind(client) as (...given: unknown[]) => unknown;
  const { connection } = Object.assign(client, { pipeline: true }) as unknown as Pipelined;
  let owed = false;

  const late = (text: unknown, ...given: unknown[]): unknown => {
    if (text === 'begin') {
      owed = true;
      return answered('BEGIN');
    }
    if (!owed) return query(text, ...given);
    owed = false;
    if (text === 'commit' || text === 'rollback') return answered(text.toUpperCase());
    connection.stream.cork();
    const begun = query('begin') as Promise<unknown>;
    const answer = query(text, ...given);
    connection.stream.uncork();
    // Whoever waits for the statement hears of either failure, and takes the transaction back.
    return answer instanceof Promise ? Promise.all([answer, begun]).then(([result]) => result as unknown) : answer;
  };
  client.query = late as typeof client.query;
}

function answered(command: string): Promise<{ command: string; rowCount: null; rows: unknown[] }> {
  return Promise.resolve({ command, rowCount: null, rows: [] });
}
