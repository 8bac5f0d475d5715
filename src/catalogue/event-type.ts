import { catalogueOf, type ObjectType } from './built-in.js';
import type { FieldKind } from './types.js';

const field = (name: string, kind: FieldKind, label: string, example: string) => ({
  name,
  kind,
  label: { en: label },
  example,
  column: false,
});

/** The event itself, as a rule's conditions speak of it: no record, and no tag. */
export const eventType: ObjectType = (() => {
  const name = 'event';
  const fields = [
    field('name', 'TEXT', 'What happened', 'state_changed'),
    field('from', 'TEXT', 'State before', 'Open'),
    field('to', 'TEXT', 'State after', 'Closed'),
    field('changed', 'LIST', 'Fields that changed', 'balance'),
  ];
  const declared = { name, label: { en: 'Event' }, storage: 'NONE' as const, fields, relations: [], attributes: true, open: false };
  const type = catalogueOf([declared]).get(name);
  if (!type) throw new Error('A catalogue has its types');
  return type;
})();

/** Words that lead on to any name: what came with the event, and the values before and after an update. */
const open = new Set(['payload', 'old', 'new']);

/** How messages spell what may follow on `event`. */
export const eventNames = [...eventType.fieldByName.keys(), ...[...open].map((each) => `${each}.NAME`)];

/**
 * The field of `event.from`, `event.payload.NAME`, `event.old.NAME`; undefined where there is none. The row that it is read from
 * has `fields`, and as `attributes` the payload, with old and new values by names such as `old.balance`.
 */
export function eventField(
  parts: readonly string[],
): { name: string; field: string; kind: FieldKind; source: 'FIELD' | 'ATTRIBUTE' } | undefined {
  const [, word = '', ...rest] = parts;
  const given = word.toLowerCase();
  if (open.has(given)) {
    const last = rest.join('.');
    if (last === '') return undefined;
    return { name: `event.${given}.${last}`, field: given === 'payload' ? last : `${given}.${last}`, kind: 'ANY', source: 'ATTRIBUTE' };
  }
  const known = rest.length === 0 ? eventType.fieldByName.get(given) : undefined;
  return known && { name: `event.${given}`, field: given, kind: known.kind, source: 'FIELD' };
}
