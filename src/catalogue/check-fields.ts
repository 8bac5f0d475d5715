import type { Problems } from '../errors.js';
import { allowedValues, normalised } from './field-value.js';
import { didYouMean } from './nearest.js';
import { typeOf } from './object-types.js';

/**
 * The `fields` of a record of this type as they are kept (see FieldKind); every unknown field and wrong value becomes a
 * problem below `path`. A null stays null: it clears the field. Open `attributes` are the caller's to take out before.
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
    const field = type.fieldByName.get(name);
    if (!field || field.column) {
      const known = [...type.fieldByName.values()].filter((each) => !each.column).map((each) => each.name);
      const hint = field ? ` Give \`${name}\` beside \`fields\`, not in it.` : didYouMean(name, known) || ` It has ${known.join(', ')}.`;
      problems.add([...path, name], 'UNKNOWN_FIELD', `${shown(name)} is no field of ${typeName}.${hint}`);
      continue;
    }
    const kept = value === null ? null : normalised(field.kind, value);
    if (kept !== undefined) checked[name] = kept;
    else problems.add([...path, name], 'WRONG_TYPE', `${shown(value)} is wrong here: ${name} takes ${allowedValues[field.kind]}.`);
  }
  return checked;
}

/** A value as a message quotes it. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
