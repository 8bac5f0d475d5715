import { createHash } from 'node:crypto';
import type { Context } from '../context.js';
import { affected, first, type HasEntityManager, rows } from '../database/sql.js';
import { Problems } from '../errors.js';
import { localId } from '../graphql/node.js';
import { kinds, unsafeInSvg } from './kinds.js';
import { extensionOf, nameProblem } from './name.js';

/** A file that somebody uploaded; its bytes are in the store, under its id. */
export interface Attachment {
  id: string;
  name: string;
  /** Its MIME type. */
  type: string;
  /** Bytes. */
  size: number;
  /** Of its bytes, in hexadecimal digits. */
  sha256: string;
  createdAt: Date;
}

export const attachmentLimits = {
  /** Bytes of one file. */
  bytes: 10 * 1_048_576,
  /** Files of one communication. */
  count: 10,
  /** Bytes of all files of one communication: with the third that mail adds it fits through most servers. */
  totalBytes: 15 * 1_048_576,
};

const columns = 'a.id, a.name, a.type, a.size, a.sha256, a.created_at as "createdAt"';

export interface Upload {
  name: string;
  type: string;
  bytes: Buffer;
}

/** Checks a file and keeps it. Its row is there first and counts once the bytes are: an upload that dies leaves nothing that is not found. */
export async function keepUpload(ctx: Context, upload: Upload): Promise<Attachment> {
  checkUpload(upload);
  const { type, bytes } = upload;
  const name = upload.name.normalize('NFC');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const made = await first<Attachment>(
    ctx,
    `insert into attachment as a (name, type, size, sha256, uploaded_by) values ($1, $2, $3, $4, $5) returning ${columns}`,
    [name, type, bytes.length, sha256, ctx.viewer.subject],
  );
  if (!made) throw new Error('An insert answers its row');
  await ctx.attachments.put(made.id, bytes);
  await affected(ctx, 'update attachment set stored_at = clock_timestamp() where id = $1', [made.id]);
  return made;
}

/** Every problem of a file at once: its name, its size, its type, and whether its bytes are what the type says. */
export function checkUpload({ name, type, bytes }: Upload): void {
  const problems = new Problems();
  const wrongName = nameProblem(name.normalize('NFC'));
  if (wrongName) problems.add(['name'], 'INVALID_NAME', wrongName);
  if (bytes.length === 0) problems.add(['content'], 'EMPTY', 'The file is empty.');
  if (bytes.length > attachmentLimits.bytes) problems.add(['content'], 'TOO_LARGE', `A file has at most ${attachmentLimits.bytes} bytes.`);
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (!kind) {
    problems.add(
      ['type'],
      'TYPE_NOT_ALLOWED',
      `${JSON.stringify(type.slice(0, 100))} cannot be attached; one of ${Object.keys(kinds).join(', ')} can.`,
    );
  } else {
    if (!wrongName && !kind.extensions.includes(extensionOf(name)))
      problems.add(
        ['name'],
        'WRONG_EXTENSION',
        `The name of a file of type ${type} ends with ${kind.extensions.map((each) => `.${each}`).join(' or ')}.`,
      );
    if (bytes.length > 0 && !kind.fits(bytes)) problems.add(['content'], 'WRONG_CONTENT', `The content is not of the type ${type}.`);
    else if (type === 'image/svg+xml') {
      const unsafe = unsafeInSvg(bytes);
      if (unsafe !== undefined) problems.add(['content'], 'UNSAFE_SVG', `${unsafe} is not allowed in an SVG that is attached.`);
    }
  }
  problems.throwIfAny();
}

export async function loadAttachments(ctx: HasEntityManager, ids: readonly string[]): Promise<Map<string, Attachment>> {
  const found = await rows<Attachment>(
    ctx,
    `select ${columns} from attachment a where a.id = any($1::uuid[]) and a.stored_at is not null`,
    [ids],
  );
  return new Map(found.map((each) => [each.id, each]));
}

/** The rows that an input names, kept from being pruned until the transaction ends; every problem is added. */
export async function keepAttachments(
  ctx: HasEntityManager,
  publicIds: readonly string[],
  problems: Problems,
  path: (string | number)[],
): Promise<string[]> {
  if (publicIds.length === 0) return [];
  if (publicIds.length > attachmentLimits.count) {
    problems.add(path, 'TOO_MANY', `A communication has at most ${attachmentLimits.count} attachments.`);
    return [];
  }
  const ids = publicIds.map((each) => localId('Attachment', each));
  const found = await rows<{ id: string; size: number }>(
    ctx,
    'select id, size from attachment where id = any($1::uuid[]) and stored_at is not null order by id for share',
    [ids.filter((each) => each !== undefined)],
  );
  const sizes = new Map(found.map((each) => [each.id, each.size]));
  let total = 0;
  for (const [index, id] of ids.entries()) {
    const size = id === undefined ? undefined : sizes.get(id);
    if (size === undefined) problems.add([...path, index], 'NOT_FOUND', 'There is no such attachment; upload it to /attachments first.');
    else if (ids.indexOf(id) < index) problems.add([...path, index], 'DUPLICATE', 'The attachment is given twice.');
    total += size ?? 0;
  }
  if (total > attachmentLimits.totalBytes)
    problems.add(path, 'TOO_LARGE', `The attachments have ${total} bytes together; at most ${attachmentLimits.totalBytes} are allowed.`);
  return ids.filter((each) => each !== undefined);
}

/** Puts attachments to a communication, in this order. */
export async function attach(ctx: HasEntityManager, communicationId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await rows(
    ctx,
    `insert into communication_attachment (communication_id, attachment_id, place)
     select $1, a.id, a.place from unnest($2::uuid[]) with ordinality as a (id, place)`,
    [communicationId, ids],
  );
}

/** The attachments of each of these communications, in their order. */
export async function attachmentsOf(ctx: HasEntityManager, communicationIds: readonly string[]): Promise<Map<string, Attachment[]>> {
  const found = await rows<Attachment & { of: string }>(
    ctx,
    `select ca.communication_id as of, ${columns} from communication_attachment ca join attachment a on a.id = ca.attachment_id
     where ca.communication_id = any($1::uuid[]) order by ca.communication_id, ca.place`,
    [communicationIds],
  );
  const byCommunication = new Map<string, Attachment[]>();
  for (const { of, ...attachment } of found) byCommunication.set(of, [...(byCommunication.get(of) ?? []), attachment]);
  return byCommunication;
}
