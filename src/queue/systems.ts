import { type Medium, queueingMedia } from '../catalogue/medium.js';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { NotFound, Problems } from '../errors.js';
import { codeFrom } from '../graphql/code.js';
import { requireLocalId } from '../graphql/node.js';

export interface ExternalSystem {
  id: string;
  name: string;
  code: string;
  media: Medium[];
  contactInbox: boolean;
  characterLimit: number | null;
  description: string | null;
}

const columns = `s.id, s.name, s.code, s.media, s.contact_inbox as "contactInbox", s.character_limit as "characterLimit", s.description`;

export interface NewExternalSystem {
  name: string;
  code?: string | null;
  media: readonly Medium[];
  contactInbox?: boolean | null;
  characterLimit?: number | null;
  description?: string | null;
}

export async function createExternalSystem(ctx: Context, input: NewExternalSystem): Promise<ExternalSystem> {
  const problems = new Problems();
  const name = input.name.trim();
  const code = input.code?.trim() || codeFrom(name);
  if (name === '' || name.length > 200) problems.add(['name'], 'INVALID', 'A name has 1 to 200 characters.');
  if (!/^[\w.-]{1,100}$/.test(code)) problems.add(['code'], 'INVALID', 'A code has 1 to 100 letters, digits, dots, dashes or underscores.');
  if (input.media.length === 0) problems.add(['media'], 'REQUIRED', `Give at least one medium of ${queueingMedia.join(', ')}.`);
  for (const [index, medium] of input.media.entries()) {
    if (!queueingMedia.includes(medium))
      problems.add(['media', index], 'NOT_QUEUED', `${medium} never queues; give media of ${queueingMedia.join(', ')}.`);
  }
  if (input.characterLimit != null && input.characterLimit < 1) problems.add(['characterLimit'], 'OUT_OF_RANGE', 'A limit is at least 1.');
  for (const taken of await rows<{ name: boolean; code: boolean }>(
    ctx,
    'select name = $1 as name, code = $2 as code from external_system where name = $1 or code = $2',
    [name, code],
  )) {
    if (taken.name) problems.add(['name'], 'TAKEN', `There is an external system ${JSON.stringify(name)} already.`);
    if (taken.code) problems.add(['code'], 'TAKEN', `There is an external system with the code ${JSON.stringify(code)} already.`);
  }
  problems.throwIfAny();
  const made = await first<ExternalSystem>(
    ctx,
    `insert into external_system as s (name, code, media, contact_inbox, character_limit, description) values ($1, $2, $3, $4, $5, $6) returning ${columns}`,
    [name, code, [...new Set(input.media)], input.contactInbox ?? false, input.characterLimit ?? null, input.description ?? null],
  );
  if (!made) throw new Error('An insert answers its row');
  return made;
}

export async function loadExternalSystems(ctx: Context, ids: readonly string[]): Promise<Map<string, ExternalSystem>> {
  const found = await rows<ExternalSystem>(ctx, `select ${columns} from external_system s where s.id = any($1::uuid[])`, [ids]);
  return new Map(found.map((each) => [each.id, each]));
}

export async function findExternalSystem(ctx: Context, code: string): Promise<ExternalSystem | null> {
  return (await first<ExternalSystem>(ctx, `select ${columns} from external_system s where s.code = $1`, [code])) ?? null;
}

export { columns as externalSystemColumns };

/** The system that a queue operation concerns: an EXTERNAL_SYSTEM token names its own, others pass the id. */
export async function requireSystem(ctx: Context, publicId: string | null | undefined): Promise<ExternalSystem> {
  const { role, subject } = ctx.viewer;
  if (role === 'EXTERNAL_SYSTEM') {
    const own = await findExternalSystem(ctx, subject);
    if (!own || (publicId != null && requireLocalId('ExternalSystem', publicId, 'external system') !== own.id))
      throw new NotFound('external system');
    return own;
  }
  const problems = new Problems();
  if (publicId == null) problems.add(['externalSystemId'], 'REQUIRED', `Say which external system: a token for ${role} names none.`);
  problems.throwIfAny();
  const id = requireLocalId('ExternalSystem', publicId ?? '', 'external system');
  const found = (await loadExternalSystems(ctx, [id])).get(id);
  if (!found) throw new NotFound('external system');
  return found;
}
