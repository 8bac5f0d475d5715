import type { PoolClient } from 'pg';

/** What is used of a client and not in its types: several statements may be under way, and be sent as one. */
interface Pipelined {
  pipeline: boolean;
  connection: { stream: { cork(): void; uncork(): void } };
}

/** Texts come from our code alone, so there are few. */
const committed = new Map<string, string>();
const lasts = new Set<string>();

/**
 * The same statement for whoever writes nothing after it (`Context.isLast`): it is committed by itself, without another way to the
 * database and back. What follows all the same is in a transaction of its own.
 */
export function committing(text: string): string {
  let last = committed.get(text);
  if (last === undefined) {
    last = `${text}\n-- and commit`;
    committed.set(text, last);
    lasts.add(last);
  }
  return last;
}

/**
 * Makes a connection send `begin` together with the first statement of the transaction, and `commit` with the last where that is
 * known: to send them alone, and wait for their answers, costs as much as a small statement does. A transaction without statements
 * is not sent at all, and of one statement that is the last nothing but that.
 */
export function beginLate(client: PoolClient): void {
  const query = client.query.bind(client) as (...given: unknown[]) => unknown;
  const { connection } = Object.assign(client, { pipeline: true }) as unknown as Pipelined;
  let transaction: 'none' | 'owed' | 'open' = 'none';

  const late = (text: unknown, ...given: unknown[]): unknown => {
    if (text === 'begin') {
      transaction = 'owed';
      return answered('BEGIN');
    }
    if (text === 'commit' || text === 'rollback') {
      const before = transaction;
      transaction = 'none';
      return before === 'owed' ? answered(text.toUpperCase()) : query(text, ...given);
    }
    if (lasts.has(text as string)) {
      const open = transaction === 'open';
      if (open) transaction = 'owed';
      return open ? together(() => [query(text, ...given), query('commit')]) : query(text, ...given);
    }
    if (transaction !== 'owed') return query(text, ...given);
    transaction = 'open';
    return together(() => {
      const begun = query('begin');
      return [query(text, ...given), begun];
    });
  };
  client.query = late as typeof client.query;

  /** Sent as one; whoever waits for the statement, the first of them, hears of the failure of either, and takes the transaction back. */
  function together(send: () => unknown[]): unknown {
    connection.stream.cork();
    const [answer, other] = send();
    connection.stream.uncork();
    return answer instanceof Promise ? Promise.all([answer, other]).then(([result]) => result as unknown) : answer;
  }
}

function answered(command: string): Promise<{ command: string; rowCount: null; rows: unknown[] }> {
  return Promise.resolve({ command, rowCount: null, rows: [] });
}
