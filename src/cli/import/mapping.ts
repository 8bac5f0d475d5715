import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { WrongUse } from '../verb.js';

/**
 * A mapping file says which columns of a row feed which fields of which records. What feeds a field is
 *
 * - a text: a template, `"Contract {Contract}"`; `"{customerID}"` alone is the column as it is; `{{` stands for `{`;
 * - a number, true, false or null: itself;
 * - a list of feeds, from which those that are left out are dropped;
 * - an object: one source (`column`, `template`, `constant` or `madeUp`) and what is done with it, see FeedObject.
 *
 * What is empty in the end becomes `default` where there is one, is left out with `skipWhenEmpty`, and otherwise clears the field.
 */
export type Feed = string | number | boolean | null | Feed[] | FeedObject;

export interface FeedObject {
  column?: string | undefined;
  template?: string | undefined;
  constant?: unknown;
  /** Something invented that follows from `seed`, a template. */
  madeUp?: (typeof madeUpKinds)[number] | undefined;
  seed?: string | undefined;
  /** For made-up people, templates: `en` or `el`, and `female` or `male`; anything else counts as not given. */
  language?: string | undefined;
  gender?: string | undefined;
  /** For made-up days (counted from today) and amounts: both ends included. For `pick`: what to pick from. */
  from?: number | undefined;
  to?: number | undefined;
  among?: unknown[] | undefined;
  /** One after the other. */
  transform?: Transform | Transform[] | undefined;
  /** Another value for some; the rest stays as it is. */
  map?: Record<string, unknown> | undefined;
  default?: unknown;
  skipWhenEmpty?: boolean | undefined;
  /** Where this does not hold, the field is fed by `otherwise`, or left out. */
  when?: When | undefined;
  otherwise?: Feed | undefined;
}

export interface When {
  column: string;
  is?: string | string[] | undefined;
  isNot?: string | string[] | undefined;
}

const madeUpKinds = ['name', 'firstName', 'lastName', 'email', 'phone', 'day', 'amount', 'pick'] as const;

const transform = z.union(
  [
    z.enum(['trim', 'lower', 'upper', 'number', 'date', 'boolean', 'digits', 'slug', 'monthsAgo']),
    z.strictObject({ date: z.string() }),
    z.strictObject({ split: z.string().min(1) }),
  ],
  {
    error:
      'takes trim, lower, upper, number, date, boolean, digits, slug, monthsAgo, { "date": FORMAT } such as dd/MM/yyyy, or { "split": SEPARATOR }',
  },
);
export type Transform = z.infer<typeof transform>;

const texts = z.union([z.string(), z.array(z.string())]);
const when = z
  .strictObject({ column: z.string(), is: texts.optional(), isNot: texts.optional() })
  .refine((each) => (each.is === undefined) !== (each.isNot === undefined), 'takes a column and `is` or `isNot`');

const feedObject: z.ZodType<FeedObject> = z
  .strictObject({
    column: z.string().optional(),
    template: z.string().optional(),
    constant: z.json().optional(),
    madeUp: z.enum(madeUpKinds).optional(),
    seed: z.string().optional(),
    language: z.string().optional(),
    gender: z.string().optional(),
    from: z.number().optional(),
    to: z.number().optional(),
    among: z.array(z.json()).min(1).optional(),
    transform: z.union([transform, z.array(transform)]).optional(),
    map: z.record(z.string(), z.json()).optional(),
    default: z.json().optional(),
    skipWhenEmpty: z.boolean().optional(),
    when: when.optional(),
    otherwise: z.lazy(() => feed).optional(),
  })
  .refine((each) => [each.column, each.template, each.constant, each.madeUp].filter((source) => source !== undefined).length === 1, {
    error: 'takes exactly one of column, template, constant, madeUp',
  })
  .refine((each) => each.madeUp === undefined || each.seed !== undefined, { error: 'madeUp needs a seed, such as "{customerID}"' });

const feed: z.ZodType<Feed> = z.lazy(() => z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(feed), feedObject]));

const attributes = z.record(z.string(), feed).optional();
const address = { type: feed.optional(), primary: feed.optional(), when: when.optional() };
const contact = z.strictObject({
  externalId: feed,
  name: feed.optional(),
  firstName: feed.optional(),
  lastName: feed.optional(),
  preferredLanguage: feed.optional(),
  timeZone: feed.optional(),
  emails: z.array(z.strictObject({ ...address, address: feed })).optional(),
  phones: z.array(z.strictObject({ ...address, number: feed })).optional(),
  directMarketing: feed.optional(),
  affiliateMarketing: feed.optional(),
  attributes,
  fields: attributes,
  when: when.optional(),
});
const account = z.strictObject({
  externalId: feed,
  contact: feed.optional(),
  number: feed.optional(),
  name: feed.optional(),
  classification: feed.optional(),
  currency: feed.optional(),
  balance: feed.optional(),
  outstandingAmount: feed.optional(),
  attributes,
  fields: attributes,
  when: when.optional(),
});
const object = z.strictObject({
  type: z.string(),
  externalId: feed,
  contact: feed.optional(),
  account: feed.optional(),
  number: feed.optional(),
  fields: z.record(z.string(), feed).optional(),
  attributes,
  when: when.optional(),
});

const mapping = z
  .strictObject({
    $comment: z.string().optional(),
    delimiter: z.string().length(1).optional(),
    contact: contact.optional(),
    account: account.optional(),
    objects: z.array(object).optional(),
  })
  .refine((each) => each.contact || each.account || each.objects?.length, 'needs at least one of contact, account, objects');

export type Mapping = z.infer<typeof mapping>;
export type RecordMapping = NonNullable<Mapping['contact'] | Mapping['account']> | NonNullable<Mapping['objects']>[number];

/** Reads and checks a mapping file; throws WrongUse that names every problem in it. */
export function readMapping(file: string): Mapping {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new WrongUse(`The mapping ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new WrongUse(`The mapping ${file} is no JSON: ${(error as Error).message}`);
  }
  return checkMapping(value, file);
}

/** Checks a mapping; `name` stands in the message. */
export function checkMapping(value: unknown, name: string): Mapping {
  const parsed = mapping.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap(innermost).map(({ path, message }) => `  ${path.join('.') || 'the mapping'}: ${message}`);
  throw new WrongUse(`The mapping ${name} is wrong:\n${problems.join('\n')}`);
}

/** Of the ways in which a feed can be wrong the one that was probably meant: an object's own problems rather than "invalid input". */
function innermost(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] {
  if (issue.code !== 'invalid_union') return [issue];
  const deepest = issue.errors.at(-1)?.filter((each) => each.code !== 'invalid_type' || each.path.length > 0) ?? [];
  if (deepest.length === 0) return [{ path: issue.path, message: issue.message }];
  return deepest.flatMap(innermost).map((each) => ({ path: [...issue.path, ...each.path], message: each.message }));
}

/** Every column that a mapping names. */
export function columnsOf(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return key === 'column' ? [value] : isText(key) ? [] : columnsOfTemplate(value);
  if (typeof value !== 'object' || value === null) return [];
  // What stands in these is data, not feeds.
  const entries = Object.entries(value).filter(
    ([name]) => !['constant', 'map', 'default', 'transform', 'is', 'isNot', 'among', '$comment'].includes(name),
  );
  return [...new Set(entries.flatMap(([name, each]) => columnsOf(each, Array.isArray(value) ? key : name)))];
}

/** Texts of a mapping that are no templates. */
function isText(key: string): boolean {
  return ['delimiter', 'madeUp'].includes(key);
}

const placeholder = /\{\{|\{([^{}]+)\}/g;

function columnsOfTemplate(template: string): string[] {
  return [...template.matchAll(placeholder)].flatMap((match) => match[1] ?? []);
}

/** The template with each `{Column}` replaced by what `read` gives for it. */
export function fill(template: string, read: (column: string) => string): string {
  return template.replace(placeholder, (_, column: string | undefined) => (column === undefined ? '{' : read(column)));
}

/** The only column of a template that is nothing else. */
export function onlyColumn(template: string): string | undefined {
  return /^\{([^{}]+)\}$/.exec(template)?.[1];
}
