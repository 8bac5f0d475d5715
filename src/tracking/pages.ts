import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { followDynamicLink, type LinkProblem, type OpenedLink, openDynamicLink } from '../communications/dynamic-link.js';
import { openShortLink } from '../communications/short-link.js';
import type { Context } from '../context.js';
import { isAway } from '../graphql/errors.js';
import { transact } from '../graphql/request.js';
import { Guard } from './guard.js';
import { isMachine } from './machine.js';
import { type Page, sendPage } from './page.js';
import type { Recorder } from './recorder.js';
import { acceptedLanguages, type PageWords, pageWords } from './words.js';

type Asked = FastifyRequest<{ Params: { token: string } }>;

/**
 * The pages behind the links of messages. GET and HEAD look and change nothing, because scanners open links and some of them run
 * JavaScript: only the button, a POST, does it (promises.md).
 */
export async function routeLinkPages(fastify: FastifyInstance, open: () => Context, recorder: Recorder): Promise<void> {
  const guard = new Guard();
  await fastify.register(async (pages) => {
    // Whatever a form or a mail program sends along says nothing that the token does not.
    pages.removeAllContentTypeParsers();
    pages.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 16_384 }, (_request, _body, done) => done(null, undefined));
    pages.setErrorHandler((error, request, reply) => {
      const status = (error as { statusCode?: number }).statusCode ?? 500;
      if (status >= 500 && !isAway(error)) open().log.error({ err: error }, 'a page failed');
      const isOurs = status >= 500;
      return problemPage(reply.header('retry-after', '10'), request, open(), isOurs ? 503 : status, isOurs ? 'unavailable' : 'invalid');
    });
    pages.addHook('onRequest', async (request, reply) => {
      const wait = guard.waitSeconds(request.ip);
      if (wait > 0) return problemPage(reply.header('retry-after', String(wait)), request, open(), 429, 'tooMany');
      return undefined;
    });
    pages.get('/s/:token', async (request: Asked, reply) => {
      const ctx = open();
      const link = await openShortLink(ctx, request.params.token);
      if (link) {
        if (link.tracked) recorder.add({ communicationId: link.communicationId, link: link.index }, isMachine(request));
        return reply.header('cache-control', 'no-store').header('x-robots-tag', 'noindex').redirect(link.target, 302);
      }
      guard.wrong(request.ip);
      return problemPage(reply, request, ctx, 404, 'unknown');
    });
    pages.get('/p/:token', async (request: Asked, reply) => {
      const ctx = open();
      const link = await openDynamicLink(ctx, request.params.token);
      return typeof link === 'string' ? refused(reply, request, ctx, link, guard) : askPage(reply, request, ctx, link);
    });
    pages.post('/p/:token', async (request: Asked, reply) => {
      const ctx = open();
      const evidence = { via: 'PAGE', caller: null, remoteAddress: request.ip, userAgent: request.headers['user-agent'] ?? null } as const;
      const followed = await ctx.within(ctx, () => transact(ctx, (inside) => followDynamicLink(inside, request.params.token, evidence)));
      if (typeof followed === 'string') return refused(reply, request, ctx, followed, guard);
      if (followed.redirectUrl !== null) return reply.header('cache-control', 'no-store').redirect(followed.redirectUrl, 303);
      return donePage(reply, request, ctx, followed);
    });
  });
}

type ProblemWords = { [Name in keyof PageWords]: PageWords[Name] extends { title: string } ? Name : never }[keyof PageWords];

function problemPage(reply: FastifyReply, request: FastifyRequest, ctx: Context, status: number, problem: ProblemWords): FastifyReply {
  const { language, words } = wordsFor(request, ctx, null);
  return sendPage(reply, { status, language, sender: senderOf(ctx), ...words[problem], tone: 'SORRY' });
}

function refused(reply: FastifyReply, request: FastifyRequest, ctx: Context, problem: LinkProblem, guard: Guard): FastifyReply {
  if (problem === 'INVALID') guard.wrong(request.ip);
  const { language, words } = wordsFor(request, ctx, null);
  if (problem === 'PREVIEW') {
    const { title } = words.invalid;
    return sendPage(reply, { status: 409, language, sender: senderOf(ctx), title, text: words.preview, tone: 'SORRY' });
  }
  const shown = { INVALID: words.invalid, EXPIRED: words.expired, GONE: words.gone }[problem];
  return sendPage(reply, { status: problem === 'GONE' ? 410 : 400, language, sender: senderOf(ctx), ...shown, tone: 'SORRY' });
}

function askPage(reply: FastifyReply, request: FastifyRequest, ctx: Context, link: OpenedLink): FastifyReply {
  const { language, words } = wordsFor(request, ctx, link);
  const { title, text, button } = words.actions[link.token.action];
  return sendPage(reply, {
    ...shared(ctx, link, language, words),
    title,
    text: withSender(text, ctx),
    tone: 'ASK',
    quote: quoteOf(link, language, words),
    note: link.isPreview ? words.preview : undefined,
    button: { text: button, disabled: link.isPreview },
    leadsTo: link.redirectUrl,
  });
}

function donePage(reply: FastifyReply, request: FastifyRequest, ctx: Context, link: OpenedLink): FastifyReply {
  const { language, words } = wordsFor(request, ctx, link);
  const { done } = words.actions[link.token.action];
  return sendPage(reply, { ...shared(ctx, link, language, words), title: words.done, text: withSender(done, ctx), tone: 'DONE' });
}

function shared(
  ctx: Context,
  { contact, request }: OpenedLink,
  language: string,
  words: PageWords,
): Pick<Page, 'status' | 'language' | 'sender' | 'facts'> {
  const facts: [string, string][] = [[words.forWhom, hidden(contact)]];
  if (request?.number) facts.push([words.request, request.number]);
  return { status: 200, language, sender: senderOf(ctx), facts };
}

/** BS7c: what is accepted, by whom it was said, and when. */
function quoteOf({ request }: OpenedLink, language: string, words: PageWords): Page['quote'] {
  if (!request?.response) return undefined;
  const by = request.respondedBy ? `${words.by} ${request.respondedBy}` : '';
  const on = request.respondedOn ? dayOf(request.respondedOn, language) : '';
  return { heading: words.response, text: request.response, by: [by, on].filter((each) => each !== '').join(' · ') };
}

function dayOf(text: string, language: string): string {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(at);
}

function wordsFor(request: FastifyRequest, ctx: Context, link: OpenedLink | null): { language: string; words: PageWords } {
  return pageWords([link?.contact.preferredLanguage, ...acceptedLanguages(request.headers['accept-language']), ctx.config.defaultLanguage]);
}

/** The company's name: that of the sender of its mails. */
function senderOf({ config }: Context): string {
  return config.mailFrom.replace(/\s*<[^>]*>\s*$/, '').replace(/^"|"$/g, '') || 'Carillon';
}

function withSender(text: string, ctx: Context): string {
  return text.replaceAll('{sender}', () => senderOf(ctx));
}

/** Enough for its owner to know it, too little for whom the message was forwarded to. */
function hidden({ email, phone, name }: OpenedLink['contact']): string {
  if (email !== null) {
    const at = email.lastIndexOf('@');
    return `${email.slice(0, 1)}•••${email.slice(at)}`;
  }
  return phone === null ? `${name.slice(0, 1)}•••` : `•••${phone.slice(-3)}`;
}
