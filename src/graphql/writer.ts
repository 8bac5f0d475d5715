import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  getOperationAST,
  isEnumType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
  type SelectionNode,
} from 'graphql';
import { operationsIn } from './compiled.js';
import type { HotField } from './hot-field.js';

/**
 * Writes the result of an event as JSON; undefined where something of it is not at hand, or not what its type says: graphql then
 * answers, with its waiting, its nulls and its errors.
 */
export type Writer = (event: unknown) => string | undefined;

const writers = new WeakMap<DocumentNode, { write: Writer | undefined }>();

/** Selections that are looked through at most: fragments that spread fragments grow without bound. */
const mostSelections = 1_000;

/**
 * The writer of a subscription that asks for nothing but what its events bring: values, and objects of such, under no directive. It builds no
 * context, calls no resolver and makes no result that would be written at once: all that cost more than the rest of a delivered entry
 * (decision 0033). A document belongs to one schema; all that subscribe with one text share it.
 */
export function writerOf(schema: GraphQLSchema, document: DocumentNode): Writer | undefined {
  let known = writers.get(document);
  if (!known) {
    known = { write: makeWriter(schema, document) };
    writers.set(document, known);
  }
  return known.write;
}

function makeWriter(schema: GraphQLSchema, document: DocumentNode): Writer | undefined {
  const type = schema.getSubscriptionType();
  const operation = getOperationAST(document);
  if (!type || !operation || operation.directives?.length || operationsIn(document) !== 1) return undefined;
  const write = new Reading(document, type).object(type, operation.selectionSet.selections);
  if (!write) return undefined;
  return (event) => {
    try {
      const data = write(event as Parent);
      return data && `{"data":${data}}`;
    } catch {
      // What fails here fails there, too, and is told and logged as everything that fails.
      return undefined;
    }
  };
}

type Parent = Readonly<Record<string, unknown>>;
type Write<Value> = (value: Value) => string | undefined;

/** What is asked for under one key of the result, wherever in the selection. */
interface Asked {
  /** Undefined for __typename. */
  field: GraphQLField<unknown, unknown> | undefined;
  below: SelectionNode[];
}

/** Reads a document once. Each of its methods answers undefined where the document asks for more than values. */
class Reading {
  private left = mostSelections;
  private readonly fragments = new Map<string, FragmentDefinitionNode>();

  constructor(
    document: DocumentNode,
    private readonly root: GraphQLObjectType,
  ) {
    for (const each of document.definitions) if (each.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(each.name.value, each);
  }

  object(type: GraphQLObjectType, selections: readonly SelectionNode[]): Write<Parent> | undefined {
    const asked = new Map<string, Asked>();
    if (!this.collect(type, selections, asked) || asked.size === 0) return undefined;
    const fields: { before: string; read: (parent: Parent) => unknown; write: Write<unknown> }[] = [];
    for (const [key, { field, below }] of asked) {
      const before = `${fields.length > 0 ? ',' : '{'}${JSON.stringify(key)}:`;
      const read = field ? readerOf(field) : () => type.name;
      const write = field ? this.value(field.type, below) : JSON.stringify;
      if (!read || !write) return undefined;
      fields.push({ before, read, write });
    }
    return (parent) => {
      let text = '';
      for (const { before, read, write } of fields) {
        const value = write(read(parent));
        if (value === undefined) return undefined;
        text += before + value;
      }
      return `${text}}`;
    };
  }

  /** In the order of graphql: by where a key is met first. */
  private collect(type: GraphQLObjectType, selections: readonly SelectionNode[], asked: Map<string, Asked>): boolean {
    for (const node of selections) {
      if (node.directives?.length || --this.left < 0) return false;
      if (node.kind === Kind.FIELD) {
        const name = node.name.value;
        const field = name === '__typename' ? undefined : type.getFields()[name];
        // The arguments of the subscription itself did their work when its source began.
        if ((!field && name !== '__typename') || (node.arguments?.length && type !== this.root)) return false;
        const key = node.alias?.value ?? name;
        const known = asked.get(key) ?? { field, below: [] };
        known.below.push(...(node.selectionSet?.selections ?? []));
        asked.set(key, known);
      } else {
        const fragment = node.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(node.name.value) : node;
        if (!fragment || fragment.directives?.length) return false;
        if (applies(fragment.typeCondition?.name.value, type) && !this.collect(type, fragment.selectionSet.selections, asked)) return false;
      }
    }
    return true;
  }

  private value(type: GraphQLOutputType, below: readonly SelectionNode[]): Write<unknown> | undefined {
    const named = getNullableType(type);
    const write = isLeafType(named) ? leafWriter(named) : isObjectType(named) ? this.object(named, below) : undefined;
    if (!write) return undefined;
    const ofNull = isNonNullType(type) ? undefined : 'null';
    return (value) => (value === null ? ofNull : value === undefined ? undefined : (write as Write<unknown>)(value));
  }
}

function applies(condition: string | undefined, type: GraphQLObjectType): boolean {
  return condition === undefined || condition === type.name || type.getInterfaces().some((each) => each.name === condition);
}

/** What is at hand of it; a field with a resolver of its own may ask for anything. */
function readerOf({ name, resolve, extensions }: GraphQLField<unknown, unknown>): ((parent: Parent) => unknown) | undefined {
  const { atHand } = extensions as Partial<HotField<unknown>>;
  if (atHand) return atHand;
  return resolve ? undefined : (parent) => parent[name];
}

/** Only values that need no coercion: graphql knows what becomes of others. */
function leafWriter(type: GraphQLLeafType): Write<unknown> {
  if (isEnumType(type)) {
    const names = new Map<unknown, string>(type.getValues().map(({ name, value }) => [value, JSON.stringify(name)]));
    return (value) => names.get(value);
  }
  if (!isSpecifiedScalarType(type)) return (value) => JSON.stringify(type.serialize(value));
  switch (type.name) {
    case 'Int':
      return (value) => (typeof value === 'number' && (value | 0) === value ? String(value) : undefined);
    case 'Boolean':
      return (value) => (typeof value === 'boolean' ? String(value) : undefined);
    case 'Float':
      return (value) => (typeof value === 'number' && Number.isFinite(value) ? JSON.stringify(value) : undefined);
    default:
      return (value) => (typeof value === 'string' ? JSON.stringify(value) : undefined);
  }
}
