import { actionOfTag, type DynamicLinkAction, isOfServiceRequest } from '../settings/dynamic-links.js';
import type { Catalogue } from './built-in.js';
import { currentCatalogue } from './current.js';
import { notifiable } from './notifiable.js';
import { aliases, objectTypes, pseudoTypes, typeOf } from './object-types.js';
import { type FieldPath, resolvePath } from './path.js';
import type { FieldDeclaration, Words } from './types.js';
import { labelOf } from './words.js';

/** What auto-complete shows behind a #. */
export interface Tag {
  readonly name: string;
  /** The type that it begins with; null for tags of no CRM record. */
  readonly objectType: string | null;
  readonly label: Words;
  readonly example: string;
}

/**
 * Whether a text about an object of this type can say the tag: it leads from the contact, the object or no record at all. A link that
 * accepts something of a service request needs a text about one.
 */
export function tagReaches(path: FieldPath, objectType: string): boolean {
  const head = path.steps[0] ?? '';
  const action = actionOfTag(path.name);
  if (action && isOfServiceRequest(action)) return reachesType('service_request', objectType);
  return reachesType(head, objectType);
}

function reachesType(head: string, objectType: string): boolean {
  if (head === objectType || always.has(head)) return true;
  if (head === 'notification') return false;
  return typeOf(head).storage === 'NONE' || (objectType === 'notification' && namedInNotifications.has(head));
}

/** What a notification's own text may name: the one object that it is about, or the rewards participant (G10). */
const namedInNotifications = new Set([...notifiable.CUSTOMER_CARE, 'rewards_participant']);

const always = new Set(['contact', 'account', 'wallet']);

/**
 * The tags that begin with `prefix` (in any case, # or not), nearest things first; only those that the type reaches, and of
 * dynamic links those that `hasLink` lets pass.
 */
export function findTags(prefix: string, objectType: string | null, hasLink: (action: DynamicLinkAction) => boolean = () => true): Tag[] {
  const wanted = prefix.replace(/^#/, '').toLowerCase();
  const tags = [...allTags(), ...aliasTags(wanted)].filter((tag) => tag.name.startsWith(wanted));
  const enabled = tags.filter(({ name }) => {
    const action = actionOfTag(name);
    return action === undefined || hasLink(action);
  });
  const reached = objectType === null ? enabled : enabled.filter((tag) => reaches(tag, objectType));
  const rank = (tag: Tag) =>
    objectType !== null && tag.name.startsWith(`${objectType}.`)
      ? 0
      : tag.objectType === 'contact'
        ? 1
        : tag.objectType === 'account'
          ? 2
          : tag.objectType === 'wallet'
            ? 3
            : 4;
  return reached.toSorted((a, b) => rank(a) - rank(b));
}

function reaches(tag: Tag, objectType: string): boolean {
  const path = resolvePath(tag.name)?.path;
  return path !== undefined && tagReaches(path, objectType);
}

/** Made once for each catalogue. */
const listed = new WeakMap<Catalogue, readonly Tag[]>();

function allTags(): readonly Tag[] {
  const catalogue = currentCatalogue();
  const known = listed.get(catalogue);
  if (known) return known;
  const tags = [
    ...objectTypes().flatMap((type) => tagsBelow([type.name], type.label, type.name, type.name)),
    ...pseudoTypes().flatMap((type) => tagsBelow([type.name], type.label, type.name, null)),
  ];
  listed.set(catalogue, tags);
  return tags;
}

const deepest = 3;

/** The fields of a type, and those of what it leads to. */
function tagsBelow(steps: readonly string[], label: Words, typeName: string, head: string | null): Tag[] {
  const type = typeOf(typeName);
  const own = [...type.fieldByName.values()].map((field) => tagOf(steps, label, field, head));
  if (steps.length >= deepest) return own;
  const further = [...type.relationByName.values()].filter((relation) => relation.to !== 'contact' && !steps.includes(relation.to));
  return [...own, ...further.flatMap((relation) => tagsBelow([...steps, relation.name], typeOf(relation.to).label, relation.to, head))];
}

function tagOf(steps: readonly string[], of: Words, field: FieldDeclaration, head: string | null): Tag {
  return { name: [...steps, field.name].join('.'), objectType: head, label: labelOf(of, field.label), example: field.example };
}

/** Old names are offered to those who type them, wherever in the path they stand. */
function aliasTags(wanted: string): Tag[] {
  const steps = wanted.split('.');
  return Object.entries(aliases).flatMap(([alias, name]) => {
    const at = steps.findIndex(
      (step, place) => step === alias || (place === steps.length - 1 && step.length >= 3 && alias.startsWith(step)),
    );
    if (at < 0) return [];
    const before = steps
      .slice(0, at)
      .map((step) => `${step}.`)
      .join('');
    const known = `${before}${name}.`;
    return allTags()
      .filter((tag) => tag.name.startsWith(known))
      .map((tag) => ({ ...tag, name: `${before}${alias}.${tag.name.slice(known.length)}` }));
  });
}
