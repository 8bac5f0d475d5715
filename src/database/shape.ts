import type { PoolClient, QueryArrayResult } from 'pg';

type Row = Record<string, unknown>;
type Make = (values: readonly unknown[]) => Row;

/** How rows of these columns are made. Texts of statements come from our code, so there are few; should it once be otherwise, they are made anew. */
const makers = new Map<string, Make>();
const mostMakers = 2_000;

/**
 * Makes a connection build rows with all their columns at once. pg copies an empty row and sets one column after the other by its
 * name, which for a row of thirty columns costs more than reading them (measured: a tenth of the CPU of a delivered entry).
 */
export function shapeRows(client: PoolClient): void {
  const query = client.query.bind(client) as (...given: unknown[]) => unknown;
  const shaped = (statement: unknown, values: unknown, ...more: unknown[]): unknown => {
    if (!Array.isArray(values) || more.length > 0 || !isStatement(statement)) return query(statement, values, ...more);
    const config = typeof statement === 'string' ? { text: statement } : statement;
    const answer = query({ ...config, rowMode: 'array' }, values) as Promise<QueryArrayResult | QueryArrayResult[]>;
    return answer.then(shape);
  };
  client.query = shaped as typeof client.query;
}

/** A text, or a text with its name; what streams or knows its own way of reading is none. */
function isStatement(given: unknown): given is string | { text: string; name?: string } {
  if (typeof given === 'string') return true;
  return typeof given === 'object' && given !== null && 'text' in given && !('submit' in given) && !('rowMode' in given);
}

/** Several statements in one text have several results. */
function shape(result: QueryArrayResult | QueryArrayResult[]): unknown {
  if (Array.isArray(result)) return result.map(shape);
  if (result.rows.length === 0) return result;
  const make = makerOf(result.fields.map((each) => each.name));
  return Object.assign(result, { rows: result.rows.map((each) => make(each)) });
}

function makerOf(names: readonly string[]): Make {
  const key = JSON.stringify(names);
  let make = makers.get(key);
  if (!make) {
    // A literal, so that all rows of a statement have one shape. Names are quoted: nothing in them is code, nor means a prototype.
    const columns = names.map((name, index) => `${name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)}: values[${index}]`);
    if (makers.size >= mostMakers) makers.clear();
    make = new Function('values', `return { ${columns.join(', ')} }`) as Make;
    makers.set(key, make);
  }
  return make;
}
