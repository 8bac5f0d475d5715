import type { Problems } from '../../errors.js';
import { fedValue, holds, type RowContext, type Values } from './feed.js';
import type { Feed, Mapping, When } from './mapping.js';
import { type Records, shaped } from './shape.js';

/** Turns rows into records as the mapping says. */
export function mapWith(mapping: Mapping, today: Date): (values: Values, problems: Problems) => Records {
  const { contact, account, objects = [] } = mapping;
  return (values, problems) => {
    const row: RowContext = { values, today, problems };
    return shaped(problems, {
      contacts: contact && holds(row, contact.when) ? [contactOf(row, contact)] : [],
      accounts: account && holds(row, account.when) ? [recordOf(row, account, ['accounts', 0])] : [],
      objects: objects.filter((each) => holds(row, each.when)).map((each, index) => objectOf(row, each, ['objects', index])),
    });
  };
}

type Path = (string | number)[];
type Given = Record<string, unknown>;

function contactOf(row: RowContext, contact: NonNullable<Mapping['contact']>): Given {
  const { emails, phones, ...rest } = contact;
  const path = ['contacts', 0];
  return {
    ...recordOf(row, rest, path),
    ...(emails && { emails: pointsOf(row, emails, 'address', [...path, 'emails']) }),
    ...(phones && { phones: pointsOf(row, phones, 'number', [...path, 'phones']) }),
  };
}

/** Addresses that are empty in this row are no addresses. */
function pointsOf(row: RowContext, points: readonly ({ when?: When | undefined } & Given)[], field: string, path: Path): Given[] {
  return points
    .filter((each) => holds(row, each.when))
    .map(({ when: _, ...feeds }, index) => fedFields(row, feeds as Record<string, Feed>, [...path, index]))
    .filter((each) => each[field] !== null && each[field] !== undefined);
}

function objectOf(row: RowContext, object: NonNullable<Mapping['objects']>[number], path: Path): Given {
  const { type, fields = {}, attributes, ...rest } = object;
  const given = fedFields(row, fields, [...path, 'fields']);
  if (attributes) given['attributes'] = fedFields(row, attributes, [...path, 'fields', 'attributes']);
  return { type, ...recordOf(row, rest, path), ...(Object.keys(given).length > 0 && { fields: given }) };
}

function recordOf(
  row: RowContext,
  record: { when?: When | undefined; attributes?: Record<string, Feed> | undefined; fields?: Record<string, Feed> | undefined } & Given,
  path: Path,
): Given {
  const { when: _, attributes, fields, ...feeds } = record;
  // What is left of a record's mapping are feeds by field.
  const given = fedFields(row, feeds as Record<string, Feed>, path);
  if (attributes) given['attributes'] = fedFields(row, attributes, [...path, 'attributes']);
  if (fields) given['fields'] = fedFields(row, fields, [...path, 'fields']);
  return given;
}

function fedFields(row: RowContext, feeds: Readonly<Record<string, Feed | undefined>>, path: Path): Given {
  const given: Given = {};
  for (const [name, feed] of Object.entries(feeds)) {
    const value = feed === undefined ? undefined : fedValue(row, feed, [...path, name]);
    if (value !== undefined) given[name] = value;
  }
  return given;
}
