import { eventField, eventType } from './event-type.js';
import { findType, type ObjectType, tagAliases, typeOf } from './object-types.js';
import type { FieldKind, RelationDeclaration } from './types.js';

/** A field as tags and conditions name it, with the way that leads to it from the contact. */
export interface FieldPath {
  /** In its one spelling: old names replaced, lower case (names of attributes and parameters as they were given). */
  readonly name: string;
  /** The objects passed: ['payment', 'account'] for payment.account.balance. */
  readonly steps: readonly string[];
  readonly type: ObjectType;
  /** The field's, the attribute's or the parameter's own name. */
  readonly field: string;
  readonly kind: FieldKind;
  readonly source: 'COLUMN' | 'FIELD' | 'ATTRIBUTE' | 'OPEN' | 'PSEUDO';
}

/** How far parts of a path are known: the longest known path and how many parts it takes, or where it went wrong. */
export type Resolved =
  | { readonly path: FieldPath; readonly used: number }
  | {
      readonly path?: undefined;
      readonly unknown: { readonly type: ObjectType; readonly steps: readonly string[]; readonly given: string };
    }
  | undefined;

/** Objects that a path passes at most, the first included. */
const mostSteps = 4;

/** The longest path that these parts begin with; undefined where the first part is no type at all. */
export function resolveParts(parts: readonly string[]): Resolved {
  const alias = tagAliases[(parts[0] ?? '').toLowerCase()];
  if (alias !== undefined && Object.hasOwn(tagAliases, (parts[0] ?? '').toLowerCase())) {
    const known = resolveParts(alias.split('.'));
    return known?.path && { path: known.path, used: 1 };
  }
  const type = findType(parts[0] ?? '');
  return type && resolveWithin(type, [type.name], parts, 1);
}

/** The path of exactly this text, as conditions give it. */
export function resolvePath(text: string): Resolved {
  const parts = text.split('.');
  if ((parts[0] ?? '').toLowerCase() === eventType.name) return resolveEvent(parts);
  // The name of an attribute may hold anything but dots in tags; a condition can quote whatever the CRM sent.
  const at = parts.findIndex((part) => part.toLowerCase() === 'attributes');
  const whole = at > 0 && parts.length > at + 1 ? [...parts.slice(0, at + 1), parts.slice(at + 1).join('.')] : parts;
  const found = resolveParts(whole);
  if (!found?.path || found.used === whole.length) return found;
  return { unknown: { type: found.path.type, steps: found.path.steps, given: whole.slice(found.used - 1).join('.') } };
}

/** What conditions of rules say of the event itself; texts know it not, and read its payload as parameters. */
function resolveEvent(parts: readonly string[]): Resolved {
  const found = eventField(parts);
  if (!found) return { unknown: { type: eventType, steps: [eventType.name], given: parts.slice(1).join('.') } };
  return { path: { ...found, steps: [eventType.name], type: eventType }, used: parts.length };
}

function resolveWithin(type: ObjectType, steps: readonly string[], parts: readonly string[], at: number): Resolved {
  const given = parts[at] ?? '';
  const next = given.toLowerCase();
  const relation = relationOf(type, next);
  if (relation && at + 1 < parts.length && steps.length < mostSteps) {
    const target = findType(relation.to);
    const further = target && resolveWithin(target, [...steps, relation.name], parts, at + 1);
    if (further?.path || (further && !type.fieldByName.has(next))) return further;
  }
  const field = type.fieldByName.get(next);
  if (field) {
    const source = type.storage === 'NONE' ? 'PSEUDO' : field.column ? 'COLUMN' : 'FIELD';
    return { path: { name: [...steps, next].join('.'), steps, type, field: next, kind: field.kind, source }, used: at + 1 };
  }
  if (type.open && given !== '') {
    return { path: { name: [...steps, given].join('.'), steps, type, field: given, kind: 'TEXT', source: 'OPEN' }, used: at + 1 };
  }
  const attribute = parts[at + 1];
  if (type.attributes && next === 'attributes' && attribute) {
    const name = [...steps, 'attributes', attribute].join('.');
    return { path: { name, steps, type, field: attribute, kind: 'ANY', source: 'ATTRIBUTE' }, used: at + 2 };
  }
  return { unknown: { type, steps, given } };
}

function relationOf(type: ObjectType, name: string): RelationDeclaration | undefined {
  return type.relationByName.get(name) ?? [...type.relationByName.values()].find((each) => findType(name)?.name === each.name);
}

/** What may follow on this type: its fields, its relations, and the word for open fields. */
export function namesWithin(type: ObjectType): string[] {
  return [...type.fieldByName.keys(), ...type.relationByName.keys(), ...(type.attributes ? ['attributes'] : [])];
}

/** Whether such a path went wrong only because it leads further than paths do. */
export function leadsTooFar({ type, steps, given }: { type: ObjectType; steps: readonly string[]; given: string }): boolean {
  return steps.length >= mostSteps && relationOf(type, given.toLowerCase()) !== undefined;
}

export const tooFar = `leads too far: at most ${mostSteps} objects can be passed.`;

/** The relation that the last of these steps takes; undefined for the first, which begins at the contact. */
export function lastRelation(steps: readonly string[]): RelationDeclaration | undefined {
  let relation: RelationDeclaration | undefined;
  let type = typeOf(steps[0] ?? '');
  for (const step of steps.slice(1)) {
    relation = type.relationByName.get(step);
    if (!relation) throw new Error(`${type.name} has no relation ${step}`);
    type = typeOf(relation.to);
  }
  return relation;
}
