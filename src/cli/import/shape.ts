import { z } from 'zod';
import type { AccountInput, BusinessObjectInput, ContactInput } from '../../audience/crm.input.js';
import type { Problems } from '../../errors.js';

/** The records that one row of a file gives. */
export interface Records {
  contacts: ContactInput[];
  accounts: AccountInput[];
  objects: BusinessObjectInput[];
}

// GraphQL checks the kinds of values of a call; a file has no such gate. Numbers pass for texts: many CRMs count their ids.
const text = z.union([z.string(), z.number().transform(String)], { error: 'must be a text' });
const optional = text.nullish();
const flag = z.boolean({ error: 'must be true or false' }).nullish();
const decimal = z.union([z.string(), z.number()], { error: 'must be a number' }).nullish();
const attributes = z.record(z.string(), z.unknown(), { error: 'must be an object' }).nullish();
const typed = { type: text.optional(), primary: flag };

const contact = z.strictObject({
  externalId: text,
  name: optional,
  firstName: optional,
  lastName: optional,
  preferredLanguage: optional,
  timeZone: optional,
  emails: z.array(z.strictObject({ ...typed, address: text })).nullish(),
  phones: z.array(z.strictObject({ ...typed, number: text })).nullish(),
  directMarketing: flag,
  affiliateMarketing: flag,
  attributes,
  fields: attributes,
});
const account = z.strictObject({
  externalId: text,
  contact: optional,
  number: optional,
  name: optional,
  classification: optional,
  currency: optional,
  balance: decimal,
  outstandingAmount: decimal,
  attributes,
  fields: attributes,
});
const object = z.strictObject({
  type: text,
  externalId: text,
  contact: optional,
  account: optional,
  number: optional,
  fields: attributes,
});
const schemas = { contacts: z.array(contact), accounts: z.array(account), objects: z.array(object) };

export const listNames = ['contacts', 'accounts', 'objects'] as const;

/** The records, if they have the shape of the API's inputs; adds the problems where not. */
export function shaped(problems: Problems, given: Partial<Record<keyof Records, unknown>>): Records {
  const records: Records = { contacts: [], accounts: [], objects: [] };
  for (const list of listNames) {
    const parsed = schemas[list].safeParse(given[list] ?? []);
    // The schemas are the inputs' own, list by list.
    if (parsed.success) Object.assign(records, { [list]: parsed.data });
    else
      for (const { path, message } of parsed.error.issues)
        problems.add([list, ...path.map((each) => (typeof each === 'number' ? each : String(each)))], 'WRONG_TYPE', message);
  }
  return records;
}
