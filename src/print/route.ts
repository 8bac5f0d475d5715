import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate } from '../access/token.js';
import { anonymous, type Viewer } from '../access/viewer.js';
import type { Context } from '../context.js';
import { NotFound } from '../errors.js';
import { toPublicError } from '../graphql/errors.js';
import { requestIdOf } from '../graphql/request.js';
import { printed } from './document.js';
import { type Printed, readPrintLink } from './link.js';
import { pagePolicy, pdfPolicy, printPage } from './page.js';
import { findChromium, pdfOf } from './pdf.js';

export interface PrintParts {
  open: (viewer: Viewer) => Context;
  authenticate: Authenticate;
}

interface Query {
  token?: string;
  format?: string;
  contact?: string;
  objectType?: string;
  object?: string;
  language?: string;
}
type Asked = FastifyRequest<{ Params: { id: string }; Querystring: Query }>;

/** Pages for paper: GET /print/ID of a communication, or of a template with ?contact=…; with format=pdf as a PDF. */
export function printRoutes({ open, authenticate }: PrintParts): (fastify: FastifyInstance) => Promise<void> {
  return async (fastify) => {
    await fastify.register(async (scope) => {
      scope.setErrorHandler((error, _request, reply) => answerError(error, open(anonymous), reply));
      scope.get('/print/:id', async (request: Asked, reply) => {
        const { viewer, what } = await askedBy(request);
        const ctx = open(viewer);
        // The browser that makes a PDF reaches nothing: what the page shows must be in it.
        const embed = request.query.format === 'pdf';
        const page = await ctx.within(ctx, async () => await printed(ctx, what, { embed }));
        void reply.headers({
          'cache-control': 'private, no-store',
          'x-robots-tag': 'noindex, nofollow',
          'cross-origin-resource-policy': 'same-origin',
        });
        if (!embed)
          return reply.header('content-security-policy', pagePolicy).type('text/html; charset=utf-8').send(printPage(page, pagePolicy));
        const program = findChromium(ctx.config);
        if (program === undefined) return noBrowser(reply);
        const pdf = await pdfOf(printPage(page, pdfPolicy), program);
        return reply
          .header('content-disposition', `inline; filename="${page.number ?? 'preview'}.pdf"`)
          .header('content-security-policy', "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'")
          .type('application/pdf')
          .send(pdf);
      });
    });
  };

  /** By a link that somebody made, or by a bearer token and what the address says. */
  async function askedBy({ params: { id }, query, headers }: Asked): Promise<{ viewer: Viewer; what: Printed }> {
    const ctx = open(anonymous);
    if (query.token !== undefined) {
      const link = await readPrintLink(ctx.secrets.print, query.token);
      if (link?.printed.id !== id) throw new NotFound('page');
      return { viewer: link.viewer, what: link.printed };
    }
    const viewer = await authenticate(ctx, headers.authorization);
    if (query.contact === undefined) return { viewer, what: { kind: 'COMMUNICATION', id } };
    const { contact, objectType, object, language } = query;
    const about = objectType !== undefined && object !== undefined ? { type: objectType, externalId: object } : null;
    return { viewer, what: { kind: 'TEMPLATE', id, contactExternalId: contact, object: about, language: language ?? null } };
  }
}

function noBrowser(reply: FastifyReply): FastifyReply {
  const message = 'There is no Chromium or Chrome on the server to make a PDF; set CHROMIUM_PATH, or print the page without format=pdf.';
  return reply.code(501).send({ errors: [{ message, extensions: { code: 'UNAVAILABLE' } }] });
}

const statuses: Partial<Record<string, number>> = { UNAUTHENTICATED: 401, NOT_FOUND: 404, BAD_USER_INPUT: 400, UNAVAILABLE: 503 };

function answerError(error: unknown, ctx: Context, reply: FastifyReply): void {
  const { message, extensions } = toPublicError(error, ctx.log, requestIdOf(ctx));
  void reply.code(statuses[String(extensions['code'])] ?? 500).send({ errors: [{ message, extensions }] });
}
