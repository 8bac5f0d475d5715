import type { ContactRow } from '../../audience/load.js';
import { findType } from '../../catalogue/object-types.js';
import { seqOf } from '../../communications/filter.js';
import { speaksAbout } from '../../content/content.js';
import type { Template } from '../../content/template.js';
import type { Context } from '../../context.js';
import { first } from '../../database/sql.js';
import type { Problems } from '../../errors.js';

/** What a communication refers to. */
export interface Subject {
  type: string | null;
  objectId: string | null;
  accountId: string | null;
  /** Where it refers to a related communication: the one that it follows. */
  followUpOf: string | null;
}

export interface Reference {
  contact: ContactRow;
  ref: { type: string; externalId: string } | null;
  template: Template | undefined;
  /** Where `referringTo` stands in the caller's input. */
  path: (string | number)[];
  problems: Problems;
}

export const nothing: Subject = { type: null, objectId: null, accountId: null, followUpOf: null };

/** Finds what is referred to (C17): it must belong to the contact, and a template must be able to speak about it. */
export async function subjectOf(ctx: Context, { contact, ref, template, path, problems }: Reference): Promise<Subject> {
  if (ref === null) return nothing;
  const type = ref.type.toLowerCase() === 'communication' ? 'communication' : (findType(ref.type)?.name ?? ref.type.toLowerCase());
  if (type === 'communication') return await relatedTo(ctx, contact, ref.externalId, path, problems);
  const found = await lookUp(ctx, contact, type, ref.externalId);
  if (found && template && !speaksAbout(template, type)) {
    const message = `The template ${JSON.stringify(template.name)} speaks about a ${template.objectType}, not about a ${type}.`;
    problems.add([...path, 'type'], 'WRONG_OBJECT_TYPE', message);
  }
  if (!found) problems.add(path, 'NOT_FOUND', `${contact.name} has no ${ref.type} with the id ${JSON.stringify(ref.externalId)}.`);
  return found ?? nothing;
}

async function lookUp(ctx: Context, contact: ContactRow, type: string, externalId: string): Promise<Subject | undefined> {
  if (type === 'contact') return externalId === contact.externalId ? { ...nothing, type } : undefined;
  const found =
    type === 'account'
      ? await first<Omit<Subject, 'followUpOf'>>(
          ctx,
          `select 'account' as type, null as "objectId", id as "accountId" from account where external_id = $1 and contact_id = $2`,
          [externalId, contact.id],
        )
      : await first<Omit<Subject, 'followUpOf'>>(
          ctx,
          `select type, id as "objectId", account_id as "accountId" from business_object where type = $1 and external_id = $2 and contact_id = $3`,
          [type, externalId, contact.id],
        );
  return found && { ...found, followUpOf: null };
}

/** A related communication is named by its number, and followed up like any other: only a completed one can be (F3). */
async function relatedTo(ctx: Context, contact: ContactRow, number: string, path: Reference['path'], problems: Problems): Promise<Subject> {
  const found = await first<{ id: string; state: string }>(
    ctx,
    'select id, state from communication where seq = $1::bigint and contact_id = $2',
    [seqOf(number), contact.id],
  );
  if (!found) problems.add(path, 'NOT_FOUND', `${contact.name} has no communication ${JSON.stringify(number)}.`);
  else if (!mayBeFollowed(found.state))
    problems.add(path, 'NOT_COMPLETED', `Only a completed communication can be followed up; ${number} is ${found.state}.`);
  return { ...nothing, followUpOf: found?.id ?? null };
}

/** Follow-up is for completed communications (F3). */
export function mayBeFollowed(state: string): boolean {
  return state === 'COMPLETED' || state === 'COMPLETED_AND_REMOVED';
}
