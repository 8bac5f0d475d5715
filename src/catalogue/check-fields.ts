import type { Problems } from '../errors.js';
import { allowedValues, normalised } from './field-value.js';
import { didYouMean } from './nearest.js';
import { typeOf } from './object-types.js';

/**
 * The `fields` of a record of this type as they are kept (see FieldKind); every unknown field and wrong value becomes a
 * problem below `path`. A null stays null: it clears the field. `attributes` holds the open fields; it comes out under that name.
 */
export function checkFields(
  typeName: string,
  fields: Readonly<Record<string, unknown>>,
  problems: Problems,
  path: readonly (string | number)[],
): Record<string, unknown> {
  const type = typeOf(typeName);
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'attributes' && type.attributes) {
      checked[name] = value === null ? null : checkAttributes(value, problems, [...path, name]);
      continue;
    }
    const field = type.fieldByName.get(name);
    if (!field || field.column) {
      const known = [...type.fieldByName.values()].filter((each) => !each.column).map((each) => each.name);
      const hint = field
        ? ` Give \`${name}\` beside \`fields\`, not in it.`
        : didYouMean(name, known) || (known.length > 0 ? ` It has ${known.join(', ')}.` : ' Declare it first, or give it in `attributes`.');
      problems.add([...path, name], 'UNKNOWN_FIELD', `${shown(name)} is no field of ${typeName}.${hint}`);
      continue;
    }
    const kept = value === null ? null : normalised(field.kind, value);
    if (kept !== undefined) checked[name] = kept;
    else problems.add([...path, name], 'WRONG_TYPE', `${shown(value)} is wrong here: ${name} takes ${allowedValues[field.kind]}.`);
  }
  return checked;
}

/** As checkFields, for `contact` and `account`, whose open fields have their own place beside `fields`. */
export function checkDeclared(
  typeName: 'contact' | 'account',
  fields: Readonly<Record<string, unknown>>,
  problems: Problems,
  path: readonly (string | number)[],
): Record<string, unknown> {
  const { attributes, ...declared } = fields;
  if (attributes !== undefined) problems.add([...path, 'attributes'], 'UNKNOWN_FIELD', 'Give `attributes` beside `fields`, not in it.');
  return checkFields(typeName, declared, problems, path);
}

const attributeName = /^[\p{L}_][\p{L}\p{N}_]{0,99}$/u;
const mostAttributes = 200;
const greatestAttributes = 65_536; // bytes of JSON
const greatestDepth = 20;

/** Open fields as they are kept: any JSON, by names that a tag can spell. A null stays null: it clears the attribute. */
export function checkAttributes(value: unknown, problems: Problems, path: readonly (string | number)[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add([...path], 'WRONG_TYPE', 'Attributes are an object of names with their values: { "tier": "gold" }.');
    return {};
  }
  const entries = Object.entries(value);
  if (entries.length > mostAttributes)
    problems.add([...path], 'TOO_MANY', `There are ${entries.length} attributes; at most ${mostAttributes}.`);
  for (const [name, each] of entries) {
    if (!attributeName.test(name)) {
      problems.add(
        [...path, name],
        'INVALID_NAME',
        `${shown(name)} is no attribute name: letters, digits and _, no digit first, at most 100.`,
      );
    } else if (!isStorable(each, greatestDepth)) {
      const message = `The value has a NUL character, broken Unicode or more than ${greatestDepth} levels.`;
      problems.add([...path, name], 'INVALID_TEXT', message);
    }
  }
  const size = Buffer.byteLength(JSON.stringify(value));
  if (size > greatestAttributes) problems.add([...path], 'TOO_LONG', `They have ${size} bytes; at most ${greatestAttributes} are allowed.`);
  return Object.fromEntries(entries);
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair, however deep they are hidden. */
function isStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\u0000');
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  return Object.entries(value).every(([name, each]) => isStorable(name, 1) && isStorable(each, depth - 1));
}

/** A value as a message quotes it. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
