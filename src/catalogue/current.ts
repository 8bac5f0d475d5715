import { AsyncLocalStorage } from 'node:async_hooks';
import type { Viewer } from '../access/viewer.js';
import { first, type HasEntityManager } from '../database/sql.js';
import { builtIn, builtInTypes, type Catalogue, catalogueOf } from './built-in.js';
import { objectType } from './declarations/declare.js';
import type { EventDeclaration, FieldDeclaration, FieldKind, ObjectTypeDeclaration, Words } from './types.js';

/**
 * The catalogue that the work in hand goes by. Operators declare types while processes run, and reading a tag or a condition
 * asks for names in a hundred places that know of no database; so the catalogue is read once, where an operation, an import or
 * a run begins, and holds to its end. Declarations only ever add: what was checked by an older catalogue stays right.
 */
const scope = new AsyncLocalStorage<{ catalogue: Catalogue }>();

/** What is built in, and within `withCatalogue` also what operators have declared. */
export function currentCatalogue(): Catalogue {
  return scope.getStore()?.catalogue ?? builtIn;
}

/** Does the work by the catalogue as the database has it now, whichever process changed it. */
export async function withCatalogue<T>(ctx: HasEntityManager, work: () => Promise<T> | T): Promise<T> {
  return await scope.run({ catalogue: await readCatalogue(ctx) }, work);
}

/**
 * An operation of GraphQL. Apps and external systems, whose operations are many and hot, reach nothing that asks the catalogue:
 * they are spared the look at its revision, and its waiting.
 */
export function withCatalogueOf<T>(ctx: HasEntityManager & { viewer: Viewer }, work: () => Promise<T> | T): Promise<T> | T {
  const { role } = ctx.viewer;
  return role === 'ADMIN' || role === 'AGENT' ? withCatalogue(ctx, work) : work();
}

/** Makes what this transaction has declared known to the rest of the work in hand, and to nobody else before the commit. */
export async function refreshCatalogue(ctx: HasEntityManager): Promise<void> {
  const store = scope.getStore();
  if (store) store.catalogue = await readCatalogue(ctx);
}

const nothingDeclared = '00000000-0000-0000-0000-000000000000';
/** Revisions read lately; a revision is unique, so what was read under it never changes. */
const known = new Map<string, Catalogue>();
const mostKnown = 8;

async function readCatalogue(ctx: HasEntityManager): Promise<Catalogue> {
  const now = await first<{ revision: string }>(ctx, 'select revision from catalogue_revision');
  if (!now || now.revision === nothingDeclared) return builtIn;
  const before = known.get(now.revision);
  if (before) return before;
  const read = await first<Declared>(ctx, declaredSql);
  if (!read) throw new Error('The catalogue has a revision');
  const catalogue = catalogueOf(typesWith(read));
  known.set(read.revision, catalogue);
  for (const oldest of known.keys()) if (known.size > mostKnown) known.delete(oldest);
  return catalogue;
}

interface Declared {
  revision: string;
  types: { name: string; labels: Record<string, string>; relations: string[] }[];
  fields: { type: string; name: string; kind: FieldKind; labels: Record<string, string>; example: string; indexed: boolean }[];
  events: { type: string; name: string; labels: Record<string, string> }[];
}

/** One statement, so that the declarations are those of the revision. */
const declaredSql = `
  select revision,
    (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'labels', labels, 'relations', relations) order by created_at, name), '[]')
     from declared_type) as types,
    (select coalesce(jsonb_agg(jsonb_build_object('type', object_type, 'name', name, 'kind', kind, 'labels', labels, 'example', example,
       'indexed', indexed) order by created_at, name), '[]') from declared_field) as fields,
    (select coalesce(jsonb_agg(jsonb_build_object('type', object_type, 'name', name, 'labels', labels) order by created_at, name), '[]')
     from declared_event) as events
  from catalogue_revision`;

/** A name that a later release has built in is the release's. */
function typesWith({ types, fields, events }: Declared): ObjectTypeDeclaration[] {
  const all = [...builtInTypes, ...types.filter((each) => !builtIn.has(each.name)).map(declaredType)];
  return all.map((type) => {
    const taken = new Set([...type.fields, ...type.relations].map((each) => each.name));
    const added = fields.filter((each) => each.type === type.name && !taken.has(each.name)).map(declaredField);
    const happening = events
      .filter((each) => each.type === type.name && !builtIn.get(type.name)?.eventByName.has(each.name))
      .map(declaredEvent);
    if (added.length === 0 && happening.length === 0) return type;
    return { ...type, fields: [...type.fields, ...added], events: happening };
  });
}

function declaredType({ name, labels, relations }: Declared['types'][number]): ObjectTypeDeclaration {
  return { ...objectType(name, ['', ''], 'NO000001', [], relations), label: wordsOf(labels), declared: true };
}

function declaredField({ name, kind, labels, example, indexed }: Declared['fields'][number]): FieldDeclaration {
  return { name, kind, label: wordsOf(labels), example, column: false, declared: true, indexed };
}

function declaredEvent({ name, labels }: Declared['events'][number]): EventDeclaration {
  return { name, label: wordsOf(labels), declared: true };
}

function wordsOf(labels: Record<string, string>): Words {
  return { ...labels, en: labels['en'] ?? Object.values(labels)[0] ?? '' };
}
