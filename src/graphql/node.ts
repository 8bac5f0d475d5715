import { GraphQLObjectType, type GraphQLSchema } from 'graphql';
import { Field, ID, InterfaceType } from 'type-graphql';
import type { Context } from '../context.js';
import { NotFound } from '../errors.js';
import { hotField } from './hot-field.js';

/** Anything that has an id of its own. */
@InterfaceType('Node', {
  description: 'Anything with an id of its own; `node(id)` finds it.',
  resolveType: (value: { __typename: string }) => value.__typename,
})
export abstract class NodeType {
  @Field(() => ID, { description: 'Opaque and unique among everything.' })
  id!: string;
}

/** How `node(id)` finds things of one type. `load` answers null for what the viewer may not see. */
export interface NodeKind {
  readonly type: string;
  load(ctx: Context, id: string): Promise<object | null>;
}

/** Public prefixes by type; two types may share one where they are two views of one thing (QueueEntry, Communication). */
const prefixes: Record<string, string> = {
  Contact: 'con',
  Segment: 'seg',
  Template: 'tpl',
  Category: 'cat',
  ExternalSystem: 'xsy',
  ExternalSystemToken: 'xst',
  Communication: 'com',
  QueueEntry: 'com',
  Plan: 'pln',
  Run: 'run',
  Schedule: 'sch',
  NotificationType: 'nty',
  Notification: 'ntf',
  SandboxMessage: 'sbx',
  Event: 'evt',
  Rule: 'rul',
  Note: 'nte',
  Attachment: 'att',
};

/** The public id of a row: `pln_0199…`. People quote numbers and codes, programs quote this. */
export function publicId(type: string, id: string): string {
  return `${prefixes[type] ?? 'obj'}_${id.replaceAll('-', '')}`;
}

/** The row's id in a public id of that type, or undefined where it is none. */
export function localId(type: string, publicIdText: string): string | undefined {
  const match = /^([a-z]{3})_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(publicIdText);
  if (!match || match[1] !== prefixes[type]) return undefined;
  return match.slice(2).join('-');
}

/** As localId, for a mutation: a nonsense id is answered in the same words as one that is not there. */
export function requireLocalId(type: string, publicIdText: string, what: string): string {
  const id = localId(type, publicIdText);
  if (id === undefined) throw new NotFound(what);
  return id;
}

/** Entities keep the row's id; the schema shows the public one. */
export function showPublicIds(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(type instanceof GraphQLObjectType)) continue;
    if (!type.getInterfaces().some((each) => each.name === 'Node')) continue;
    const field = type.getFields()['id'];
    if (!field) continue;
    const { hot, ...shown } = hotField((root: { id: string }) => publicId(type.name, root.id));
    field.resolve = hot;
    field.extensions = { ...field.extensions, ...shown };
  }
  return schema;
}

/** What `node(id)` answers: the object, told apart by __typename for the interface. */
export function asNode(type: string, found: object | null): object | null {
  return found && Object.create(found, { __typename: { value: type } });
}

/** How the schema's nodes are loaded, by type. Filled once by the wiring: stages bring their kinds, nobody imports them all. */
const kinds = new Map<string, NodeKind>();

export function registerNodes(list: readonly NodeKind[]): void {
  for (const kind of list) kinds.set(kind.type, kind);
}

/** The thing with that public id, or null where there is none that the viewer may see. */
export async function loadNode(ctx: Context, id: string): Promise<object | null> {
  for (const kind of kinds.values()) {
    const row = localId(kind.type, id);
    const found = row === undefined ? null : await kind.load(ctx, row);
    if (found) return asNode(kind.type, found);
  }
  return null;
}
