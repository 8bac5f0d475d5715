import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate } from '../access/token.js';
import { anonymous, type Viewer } from '../access/viewer.js';
import { type Attachment, attachmentLimits, keepUpload } from '../attachments/attachment.js';
import { readAttachmentLink } from '../attachments/link.js';
import type { Context } from '../context.js';
import { first } from '../database/sql.js';
import { Forbidden, Invalid, NotFound } from '../errors.js';
import { toPublicError } from '../graphql/errors.js';
import { localId, publicId } from '../graphql/node.js';
import { requestIdOf } from '../graphql/request.js';
import { nowInInbox } from '../queue/inbox/scope.js';
import { visibleEntries } from '../queue/visible.js';

export interface UploadParts {
  open: (viewer: Viewer) => Context;
  authenticate: Authenticate;
}

/**
 * Files, over HTTP: the body is the file itself, its type in Content-Type, its name percent-encoded in X-Filename. No form can
 * send that header, and nothing here looks at cookies: no other site's page can upload in somebody's name.
 */
export function attachmentRoutes({ open, authenticate }: UploadParts): (fastify: FastifyInstance) => Promise<void> {
  return async (fastify) => {
    await fastify.register(async (scope) => {
      const viewers = new WeakMap<FastifyRequest, Viewer>();
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: attachmentLimits.bytes }, (_request, body, done) => done(null, body));
      scope.setErrorHandler((error, _request, reply) => answerError(error, open(anonymous), reply));
      // Before the body is read: who may not upload sends nothing that we keep in memory.
      scope.addHook('onRequest', async (request) => {
        const { token } = request.query as { token?: string | string[] };
        const viewer =
          request.method === 'GET' && token !== undefined
            ? await linkedBy(open(anonymous), request, token)
            : await authenticate(open(anonymous), request.headers.authorization);
        viewers.set(request, viewer);
        if (request.method === 'POST' && viewer.role !== 'ADMIN' && viewer.role !== 'AGENT')
          throw new Forbidden('Only ADMIN and AGENT tokens upload attachments.');
      });
      scope.post('/attachments', async (request, reply) => {
        const { type, name } = headersOf(request);
        const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const kept = await keepUpload(open(viewers.get(request) ?? anonymous), { type, name, bytes });
        return reply.code(201).send(shown(kept));
      });
      scope.get<{ Params: { id: string } }>('/attachments/:id', async (request, reply) => {
        const ctx = open(viewers.get(request) ?? anonymous);
        const found = await readable(ctx, request.params.id);
        // A page elsewhere may show what its reader has a link to; it could not read a bearer token from it either.
        const shownElsewhere = (request.query as { token?: unknown }).token !== undefined;
        const bytes = await ctx.attachments.get(found.id);
        return reply.headers({ ...downloadHeaders(found), ...(shownElsewhere && anywhere) }).send(bytes);
      });
    });
  };
}

const anywhere = { 'cross-origin-resource-policy': 'cross-origin' };

/** Who asked for the link. Whether they may see the attachment still is looked up like anybody's right. */
async function linkedBy(ctx: Context, request: FastifyRequest, token: string | string[]): Promise<Viewer> {
  const link = typeof token === 'string' ? await readAttachmentLink(ctx.secrets.attachment, token) : undefined;
  if (!link || link.attachment !== (request.params as { id?: string }).id) throw new NotFound('attachment');
  return link.viewer;
}

/** What the answer to an upload says: what `Attachment` says over GraphQL. */
function shown({ id, name, type, size, sha256, createdAt }: Attachment): object {
  return { id: publicId('Attachment', id), name, type, size, sha256, createdAt };
}

function headersOf({ headers }: FastifyRequest): { type: string; name: string } {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'multipart/form-data' || type === 'application/x-www-form-urlencoded') {
    const message = 'Send the file itself as the body, its type in Content-Type, and its name in X-Filename; forms are not taken.';
    throw new Invalid([{ path: ['type'], code: 'NO_FORMS', message }]);
  }
  return { type, name: nameIn(headers['x-filename']) };
}

function nameIn(header: string | string[] | undefined): string {
  if (typeof header !== 'string' || header === '')
    throw new Invalid([
      { path: ['name'], code: 'REQUIRED', message: 'Give the name of the file, percent-encoded, in the header X-Filename.' },
    ]);
  try {
    if (/^[\x20-\x7e]*$/.test(header)) return decodeURIComponent(header);
  } catch {
    // As wrong as a header in an encoding that nobody can know.
  }
  throw new Invalid([
    { path: ['name'], code: 'INVALID_NAME', message: 'X-Filename is percent-encoded UTF-8, such as Rechnung%20M%C3%A4rz.pdf.' },
  ]);
}

/** Those who work here read all of them; others what goes with an entry of their queue or inbox. */
async function readable(ctx: Context, publicIdText: string): Promise<Attachment> {
  const id = localId('Attachment', publicIdText);
  const parameters: unknown[] = [id];
  const { role } = ctx.viewer;
  const entries = visibleEntries(ctx.viewer, parameters);
  const through = `exists (select from communication_attachment ca join communication c on c.id = ca.communication_id
    where ca.attachment_id = a.id and c.direction = 'OUTGOING' and c.state <> 'DRAFT' and ${entries} ${role === 'CONTACT' ? `and ${nowInInbox}` : ''})`;
  const found =
    id &&
    (await first<Attachment>(
      ctx,
      `select a.id, a.name, a.type, a.size, a.sha256, a.created_at as "createdAt" from attachment a
       where a.id = $1 and a.stored_at is not null and ${role === 'ADMIN' || role === 'AGENT' ? 'true' : through}`,
      parameters,
    ));
  if (!found) throw new NotFound('attachment');
  return found;
}

/** To be kept, never to be shown: what a customer sent in must not run in an agent's browser. */
function downloadHeaders({ name, type, size }: Attachment): Record<string, string | number> {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
  return {
    'content-type': type,
    'content-length': size,
    'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'private, no-store',
  };
}

const statuses: Partial<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  BAD_USER_INPUT: 400,
  UNAVAILABLE: 503,
};

/** In the shape of GraphQL's answers, with the status that fits. */
function answerError(error: unknown, ctx: Context, reply: FastifyReply): void {
  const tooLarge = (error as { statusCode?: number }).statusCode === 413;
  const told = tooLarge
    ? new Invalid([{ path: ['content'], code: 'TOO_LARGE', message: `A file has at most ${attachmentLimits.bytes} bytes.` }])
    : error;
  const { message, extensions } = toPublicError(told, ctx.log, requestIdOf(ctx));
  void reply.code(tooLarge ? 413 : (statuses[String(extensions['code'])] ?? 500)).send({ errors: [{ message, extensions }] });
}
