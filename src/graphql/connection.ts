import { ArgsType, type ClassType, Field, Int, ObjectType } from 'type-graphql';
import { Problems } from '../errors.js';

/** The arguments of every Relay connection. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: 'How many from the beginning, at most 100; default 20.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Only what comes after this cursor.' })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: 'How many from the end, at most 100.' })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'Only what comes before this cursor.' })
  before?: string | null;
}

@ObjectType('PageInfo', { description: 'Where a page stands in its list.', simpleResolvers: true })
export class PageInfoType {
  @Field(() => Boolean, { description: 'There is more after this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'There is more before this page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'The cursor of the first edge.' })
  startCursor?: string | null;

  @Field(() => String, { nullable: true, description: 'The cursor of the last edge.' })
  endCursor?: string | null;
}

export interface Connection<Node> {
  edges: { cursor: string; node: Node }[];
  nodes: Node[];
  pageInfo: PageInfoType;
  /** Counted only when asked for. */
  totalCount: () => Promise<number>;
}

export const defaultPage = 20;
export const greatestPage = 100;

/** What a query must fetch for a page: `limit` rows beyond the cursor, in list order or (for `last`) from the end. */
export interface Page {
  /** One more than the page holds, which tells whether there is more. */
  readonly limit: number;
  readonly size: number;
  readonly backward: boolean;
  /** The key values of the cursor: rows strictly beyond it, in the direction of the page. */
  readonly cursor: readonly string[] | undefined;
  /** The other end, where both `after` and `before` are given. */
  readonly bound: readonly string[] | undefined;
}

/** Checks the arguments of a page; every problem at once. */
export function pageOf(args: PageArgs): Page {
  const problems = new Problems();
  checkSize(problems, 'first', args.first);
  checkSize(problems, 'last', args.last);
  if (args.first != null && args.last != null) problems.add(['last'], 'CONTRADICTION', 'Give `first` or `last`, not both.');
  const after = readCursor(problems, 'after', args.after);
  const before = readCursor(problems, 'before', args.before);
  problems.throwIfAny();
  const backward = args.last != null;
  const size = args.first ?? args.last ?? defaultPage;
  return { limit: size + 1, size, backward, cursor: backward ? before : after, bound: backward ? after : before };
}

/** Makes the connection from the rows that a query found for the page (`limit` at most, in the page's direction). */
export function connectionOf<Node>(
  page: Page,
  found: readonly Node[],
  keyOf: (node: Node) => readonly (string | number)[],
  count: () => Promise<number>,
): Connection<Node> {
  const more = found.length > page.size;
  const nodes = found.slice(0, page.size);
  if (page.backward) nodes.reverse();
  const edges = nodes.map((node) => ({ cursor: writeCursor(keyOf(node)), node }));
  return {
    edges,
    nodes,
    pageInfo: {
      hasNextPage: page.backward ? page.cursor !== undefined : more,
      hasPreviousPage: page.backward ? more : page.cursor !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: count,
  };
}

/** A cursor of another list is well-formed, and has a key of another type. */
const keyShapes = { bigint: /^-?\d{1,18}$/, uuid: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i };

/**
 * The SQL of a keyset page over one unique column: a condition, and the order. `descending` is the list's own order; a
 * backward page turns it round. Parameters are appended to `parameters`.
 */
export function keyset(
  page: Page,
  column: string,
  type: keyof typeof keyShapes,
  descending: boolean,
  parameters: unknown[],
): { where: string; orderBy: string } {
  const turned = page.backward !== descending;
  const conditions: string[] = [];
  const beyond = (value: readonly string[] | undefined, operator: string, name: string) => {
    if (!value) return;
    if (!keyShapes[type].test(value[0] ?? '')) refuseCursor(name);
    parameters.push(value[0]);
    conditions.push(`${column} ${operator} $${parameters.length}::${type}`);
  };
  beyond(page.cursor, turned ? '<' : '>', page.backward ? 'before' : 'after');
  beyond(page.bound, turned ? '>' : '<', page.backward ? 'after' : 'before');
  parameters.push(page.limit);
  return {
    where: conditions.length > 0 ? conditions.join(' and ') : 'true',
    orderBy: `order by ${column} ${turned ? 'desc' : 'asc'} limit $${parameters.length}`,
  };
}

export function writeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

function readCursor(problems: Problems, name: string, text: string | null | undefined): string[] | undefined {
  if (text == null) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (Array.isArray(key) && key.length > 0 && key.every((part) => /^[\w:. +-]{1,200}$/u.test(String(part)))) return key.map(String);
  } catch {
    // Falls through to the problem: a cursor that is no JSON is as wrong as one of another shape.
  }
  problems.add([name], ...noCursor);
  return undefined;
}

const noCursor = ['INVALID_CURSOR', 'This is no cursor of this list; give one from `edges.cursor` or `pageInfo`.'] as const;

function refuseCursor(name: string): void {
  const problems = new Problems();
  problems.add([name], ...noCursor);
  problems.throwIfAny();
}

function checkSize(problems: Problems, name: string, size: number | null | undefined): void {
  if (size == null || (size >= 0 && size <= greatestPage)) return;
  problems.add([name], 'OUT_OF_RANGE', `${size} is out of range: a page has 0 to ${greatestPage} rows.`);
}

/** Declares the XEdge and XConnection types of a node type. */
export function connectionType<Node extends object>(name: string, node: () => ClassType<Node>): ClassType<Connection<Node>> {
  @ObjectType(`${name}Edge`, { description: `One ${name} of a list, with its cursor.`, simpleResolvers: true })
  class EdgeType {
    @Field(() => String, { description: 'Give it as `after` or `before` to go on from here.' })
    cursor!: string;

    @Field(() => node(), { description: 'The thing itself.' })
    node!: Node;
  }
  // Simple resolvers: graphql's own, which calls `totalCount` only when it is asked for.
  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name}.`, simpleResolvers: true })
  class ConnectionType {
    @Field(() => [EdgeType], { description: 'The page with cursors.' })
    edges!: EdgeType[];

    @Field(() => [node()], { description: 'The page without cursors.' })
    nodes!: Node[];

    @Field(() => PageInfoType, { description: 'Where the page stands in the list.' })
    pageInfo!: PageInfoType;

    @Field(() => Int, { description: 'How many there are in the whole list; counted only when asked for.' })
    totalCount!: () => Promise<number>;
  }
  return ConnectionType as unknown as ClassType<Connection<Node>>;
}
