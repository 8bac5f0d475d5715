import { type PoolClient, Query, type QueryResult } from 'pg';

type Make = (values: readonly (string | null)[]) => Record<string, unknown>;
type Parse = (text: string) => unknown;

/** How values of a type, by its number in PostgreSQL, become ours. Always the same function for a type. */
export type ParserOf = (type: number) => Parse;

interface Column {
  name: string;
  dataTypeID: number;
}

/** What pg's query does with the answer of the server, as far as it is done otherwise here: its declared types leave that out. */
interface Reading {
  _result: { parseRow: Make };
  handleRowDescription(message: { fields: Column[] }): void;
}

type Answered = (error: Error | null, result: QueryResult | QueryResult[]) => void;

const PgQuery = Query as unknown as new (config: object, values: unknown[], answered: Answered) => Reading;

/**
 * Makes a connection build each row at once, with all its columns, out of what the server has sent. pg copies an empty row and sets one column after the
 * other by its name, which for a row of thirty columns costs more than reading them (measured: a tenth of the CPU of a delivered entry).
 */
export function shapeRows(client: PoolClient, parserOf: ParserOf): void {
  const query = client.query.bind(client) as (...given: unknown[]) => unknown;

  class ShapedQuery extends PgQuery {
    override handleRowDescription(message: { fields: Column[] }): void {
      super.handleRowDescription(message);
      this._result.parseRow = makerOf(message.fields, parserOf);
    }
  }

  const shaped = (statement: unknown, values: unknown, ...more: unknown[]): unknown => {
    if (!Array.isArray(values) || more.length > 0 || !isStatement(statement)) return query(statement, values, ...more);
    const config = typeof statement === 'string' ? { text: statement } : statement;
    return new Promise((done, fail) => {
      query(new ShapedQuery(config, values, (error, result) => (error ? fail(error) : done(result))));
    }).catch((error: Error) => {
      // Else its stack would end at the socket, as with pg.
      Error.captureStackTrace(error);
      throw error;
    });
  };
  client.query = shaped as typeof client.query;
}

/** A text, or a text with its name; what streams or knows its own way of reading is none. */
function isStatement(given: unknown): given is string | { text: string; name?: string } {
  if (typeof given === 'string') return true;
  return typeof given === 'object' && given !== null && 'text' in given && !('submit' in given) && !('rowMode' in given);
}

/** How rows of these columns are made. Texts of statements come from our code, so there are few; should it once be otherwise, they are made anew. */
const makers = new Map<string, Make>();
const mostMakers = 2_000;
/** Types whose text is the value: text, varchar and uuid. */
const texts = new Set([25, 1043, 2950]);

function makerOf(columns: readonly Column[], parserOf: ParserOf): Make {
  const key = JSON.stringify(columns.map(({ name, dataTypeID }) => [name, dataTypeID]));
  let make = makers.get(key);
  if (!make) {
    // A literal, so that all rows of a statement have one shape. Names are quoted: nothing in them is code, nor means a prototype.
    const values = columns.map(({ name, dataTypeID }, index) => {
      const value = texts.has(dataTypeID) ? `values[${index}]` : `values[${index}] === null ? null : parse${index}(values[${index}])`;
      return `${name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)}: ${value}`;
    });
    const named = columns.map((_column, index) => `parse${index}`).join();
    if (makers.size >= mostMakers) makers.clear();
    const outer = new Function(named, `return (values) => ({ ${values.join(', ')} })`) as (...parsers: Parse[]) => Make;
    make = outer(...columns.map(({ dataTypeID }) => parserOf(dataTypeID)));
    makers.set(key, make);
  }
  return make;
}
