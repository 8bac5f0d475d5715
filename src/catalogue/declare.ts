import { first, type HasEntityManager, rows } from '../database/sql.js';
import { Problems } from '../errors.js';
import { shown } from './check-fields.js';
import { refreshCatalogue } from './current.js';
import type { DeclareFieldInput, DeclareObjectTypeInput, LabelInput } from './declare.input.js';
import { allowedValues, normalised } from './field-value.js';
import { didYouMean } from './nearest.js';
import { aliases, findType, type ObjectType, objectTypeNames, objectTypes, tagAliases, typeOf } from './object-types.js';
import type { FieldKind } from './types.js';

/** Names that mean something in every type, or that a part of the product has for itself. */
const reservedFields = new Set(['attributes', 'fields', 'external_id', 'id', 'type_name', ...Object.keys(aliases)]);
const reservedTypes = new Set(['notification', 'dynamic_link', 'event', 'attributes', ...Object.keys(aliases), ...Object.keys(tagAliases)]);
const most = { types: 300, fields: 300, relations: 10 };

/** Declares a type, or gives a declared one new labels and further relations. Runs in the caller's transaction. */
export async function declareObjectType(ctx: HasEntityManager, input: DeclareObjectTypeInput): Promise<ObjectType> {
  await lockCatalogue(ctx);
  const problems = new Problems();
  const { name } = input;
  const before = objectTypes().find((each) => each.name === name);
  const isName = checkCatalogueName(name, ['name'], problems);
  if (isName && ((findType(name) && !before?.declared) || reservedTypes.has(name))) {
    problems.add(['name'], 'NAME_TAKEN', `${name} is a name of the built-in catalogue; take another.`);
  }
  if (!before && objectTypes().filter((each) => each.declared).length >= most.types) {
    problems.add(['name'], 'TOO_MANY', `At most ${most.types} types can be declared.`);
  }
  const labels = checkLabels(input.labels, problems);
  const relations = checkRelations(input.relations ?? [], before, problems);
  problems.throwIfAny();
  await rows(
    ctx,
    `insert into declared_type as d (name, labels, relations) values ($1, $2, $3)
     on conflict (name) do update set labels = excluded.labels, relations = excluded.relations`,
    [name, JSON.stringify(labels), relations],
  );
  await catalogueChanged(ctx);
  return typeOf(name);
}

/** Declares a field, or gives a declared one new words; its kind stays. Answers its type. Runs in the caller's transaction. */
export async function declareField(ctx: HasEntityManager, input: DeclareFieldInput): Promise<ObjectType> {
  await lockCatalogue(ctx);
  const problems = new Problems();
  const { name, kind } = input;
  const type = checkType(input.objectType, problems);
  const isName = checkCatalogueName(name, ['name'], problems);
  const before = type?.fieldByName.get(name);
  if (type && isName && (reservedFields.has(name) || (before && !before.declared) || type.relationByName.has(name))) {
    problems.add(['name'], 'NAME_TAKEN', `${type.name} has ${name} already; take another name.`);
  } else if (before?.declared && before.kind !== kind) {
    problems.add(['kind'], 'KIND_CHANGED', `${name} is ${before.kind} and stays so; declare a field of another name.`);
  }
  if (kind === 'ANY') problems.add(['kind'], 'NOT_ALLOWED', 'ANY is for open attributes, which need no declaration.');
  if (!before && (type?.fieldByName.size ?? 0) >= most.fields) {
    problems.add(['name'], 'TOO_MANY', `A type has at most ${most.fields} fields.`);
  }
  const labels = checkLabels(input.labels, problems);
  const example = checkExample(kind, input.example, problems) ?? before?.example ?? examples[kind];
  problems.throwIfAny();
  await rows(
    ctx,
    `insert into declared_field as d (object_type, name, kind, labels, example, indexed) values ($1, $2, $3, $4, $5, coalesce($6, false))
     on conflict (object_type, name) do update
       set labels = excluded.labels, example = excluded.example, indexed = coalesce($6, d.indexed)`,
    [input.objectType, name, kind, JSON.stringify(labels), example, input.indexed ?? null],
  );
  await catalogueChanged(ctx);
  return typeOf(input.objectType);
}

/** One declaration after the other, each by what the one before has left. */
export async function lockCatalogue(ctx: HasEntityManager): Promise<void> {
  await first(ctx, 'select revision from catalogue_revision for update');
  await refreshCatalogue(ctx);
}

export async function catalogueChanged(ctx: HasEntityManager): Promise<void> {
  await rows(ctx, 'update catalogue_revision set revision = new_id()');
  await refreshCatalogue(ctx);
}

export function checkCatalogueName(name: string, path: string[], problems: Problems): boolean {
  const fits = /^[a-z][a-z0-9_]{0,59}$/.test(name);
  const words = 'is no name: lower-case letters, digits and _, a letter first, at most 60, such as contract_item.';
  if (!fits) problems.add(path, 'INVALID_NAME', `${shown(name)} ${words}`);
  return fits;
}

export function checkLabels(labels: readonly LabelInput[], problems: Problems): Record<string, string> {
  if (labels.length === 0) problems.add(['labels'], 'EMPTY', 'Give a label in at least one language.');
  const checked: Record<string, string> = {};
  for (const [index, { language, text }] of labels.entries()) {
    const words = text.trim();
    if (words === '' || words.length > 200 || /\p{Cc}/u.test(words)) {
      problems.add(['labels', index, 'text'], 'INVALID_TEXT', 'A label is one line of 1 to 200 characters.');
    }
    if (Object.hasOwn(checked, language)) problems.add(['labels', index, 'language'], 'DUPLICATE', `${language} is given twice.`);
    checked[language] = words;
  }
  return checked;
}

/** Those that it has, and those given. */
function checkRelations(given: readonly string[], before: ObjectType | undefined, problems: Problems): string[] {
  const kept = before?.relations.filter((each) => each.by === 'FIELD').map((each) => each.name) ?? [];
  const targets = objectTypes().filter((each) => each.storage === 'business_object');
  for (const [index, name] of given.entries()) {
    const path = ['relations', index];
    if (name === 'account' || name === 'contact') {
      problems.add(path, 'NAME_TAKEN', `Every object leads to its ${name} already.`);
    } else if (!targets.some((each) => each.name === name)) {
      const hint = didYouMean(
        name,
        targets.map((each) => each.name),
      );
      problems.add(path, 'UNKNOWN_TYPE', `There is no type of business object ${shown(name)}.${hint}`);
    } else if (!kept.includes(name) && before?.fieldByName.has(name)) {
      problems.add(path, 'NAME_TAKEN', `${before.name} has a field ${name} already.`);
    }
  }
  const all = [...new Set([...kept, ...given])];
  if (all.length > most.relations) problems.add(['relations'], 'TOO_MANY', `A type leads to at most ${most.relations} others.`);
  return all;
}

function checkType(name: string, problems: Problems): ObjectType | undefined {
  const type = objectTypes().find((each) => each.name === name);
  if (!type) problems.add(['objectType'], 'UNKNOWN_TYPE', `There is no object type ${shown(name)}.${didYouMean(name, objectTypeNames())}`);
  return type;
}

const examples: Readonly<Record<FieldKind, string>> = {
  TEXT: 'Example',
  NUMBER: '12.5',
  MONEY: '45.5',
  DATE: '2027-03-28',
  DATE_TIME: '2027-03-28T10:30:00.000Z',
  BOOLEAN: 'true',
  LIST: 'One, two',
  LOCALE: 'en',
  TIME_ZONE: 'Europe/Nicosia',
  ANY: 'Example',
};

/** An example is shown as it is written; it is checked as a value of the kind would be. */
function checkExample(kind: FieldKind, example: string | null | undefined, problems: Problems): string | undefined {
  if (example == null) return undefined;
  const value = kind === 'BOOLEAN' && /^(true|false)$/.test(example) ? example === 'true' : kind === 'LIST' ? [example] : example;
  const fits = example.length >= 1 && example.length <= 200 && normalised(kind, value) !== undefined;
  if (!fits)
    problems.add(['example'], 'WRONG_TYPE', `${shown(example)} is no example of ${kind}: ${allowedValues[kind]}, up to 200 characters.`);
  return example;
}
