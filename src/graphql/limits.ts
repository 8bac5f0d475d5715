import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { defaultPage, greatestPage } from './connection.js';

/** What one operation may ask for; the same over HTTP and WebSocket. */
export const limits = {
  /** Lexical tokens of a document. */
  tokens: 15_000,
  /** Bytes of a request or of a WebSocket message. */
  bytes: 4 * 1_048_576,
  depth: 12,
  aliases: 50,
  /** Fields in all, fragments unfolded. */
  fields: 1_000,
  directives: 30,
  /** Objects that may come back at most, by the page sizes asked for. */
  objects: 25_000,
};

interface Measure {
  depth: number;
  aliases: number;
  fields: number;
  directives: number;
  objects: number;
}

const labels: Record<keyof Measure, string> = {
  depth: 'levels deep',
  aliases: 'aliases',
  fields: 'fields',
  directives: 'directives',
  objects: 'objects by its page sizes',
};

/** Refuses an operation over a limit before anything is executed, naming each limit that it passes. */
export const limitRule: ValidationRule = (context) => ({
  OperationDefinition(operation) {
    const measure: Measure = { depth: 0, aliases: 0, fields: 0, directives: 0, objects: 0 };
    const schema = context.getSchema();
    const root = schema.getRootType(operation.operation);
    if (!root) return;
    walk(context, operation.selectionSet, root, 1, 1, measure, new Set());
    for (const name of Object.keys(labels) as (keyof Measure)[]) {
      if (measure[name] <= limits[name]) continue;
      context.reportError(
        new GraphQLError(`The operation has more than ${limits[name]} ${labels[name]}, which is the limit.`, {
          nodes: operation,
          // Apollo puts its own code in place of ours; `limit` tells formatError which error this is.
          extensions: { code: 'QUERY_TOO_COMPLEX', limit: limits[name] },
        }),
      );
    }
  },
});

/** Unfolds fragments and stops as soon as a limit is passed, so that a hostile document costs no more than an honest one. */
function walk(
  context: ValidationContext,
  set: SelectionSetNode,
  parent: GraphQLOutputType,
  depth: number,
  times: number,
  measure: Measure,
  within: ReadonlySet<FragmentDefinitionNode>,
): void {
  measure.depth = Math.max(measure.depth, depth);
  for (const selection of set.selections) {
    if (measure.fields > limits.fields || measure.depth > limits.depth) return;
    measure.directives += selection.directives?.length ?? 0;
    if (selection.kind === Kind.FIELD) {
      measure.fields += 1;
      measure.aliases += selection.alias ? 1 : 0;
      if (selection.name.value.startsWith('__schema') || selection.name.value === '__type') continue;
      const type = fieldType(parent, selection);
      if (!selection.selectionSet || !type) continue;
      const here = times * pageSize(selection, type);
      measure.objects += here;
      walk(context, selection.selectionSet, type, depth + 1, here, measure, within);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const type = selection.typeCondition ? context.getSchema().getType(selection.typeCondition.name.value) : parent;
      walk(context, selection.selectionSet, (type as GraphQLOutputType | undefined) ?? parent, depth, times, measure, within);
    } else {
      const fragment = context.getFragment(selection.name.value);
      if (!fragment || within.has(fragment)) continue;
      const type = context.getSchema().getType(fragment.typeCondition.name.value) as GraphQLOutputType | undefined;
      measure.directives += fragment.directives?.length ?? 0;
      walk(context, fragment.selectionSet, type ?? parent, depth, times, measure, new Set([...within, fragment]));
    }
  }
}

function fieldType(parent: GraphQLOutputType, field: FieldNode): GraphQLOutputType | undefined {
  const named = getNamedType(parent);
  if (!isObjectType(named) && !isInterfaceType(named)) return undefined;
  return named.getFields()[field.name.value]?.type;
}

/** How many objects a connection may bring; a size in a variable is not known yet and counts as an ordinary page. */
function pageSize(field: FieldNode, type: GraphQLOutputType): number {
  const named = getNamedType(type);
  if (!named.name.endsWith('Connection')) return 1;
  const size = field.arguments?.find((each) => each.name.value === 'first' || each.name.value === 'last')?.value;
  if (size?.kind === Kind.INT) return Math.min(Math.max(Number(size.value), 1), greatestPage);
  return size?.kind === Kind.VARIABLE ? greatestPage / 2 : defaultPage;
}
