import type { Server } from 'node:http';
import { join } from 'node:path';
import { ApolloServer, type ApolloServerOptions } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled, ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import cors from '@fastify/cors';
import statics from '@fastify/static';
import Fastify, { type FastifyInstance } from 'fastify';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Authenticate } from './access/token.js';
import { anonymous, type Viewer } from './access/viewer.js';
import type { Config } from './config.js';
import type { Context } from './context.js';
import { CallerError } from './errors.js';
import { packageRoot } from './files.js';
import { makeDocuments, rulesOf } from './graphql/documents.js';
import { formatError, isAway, toPublicError } from './graphql/errors.js';
import { executeOperation } from './graphql/execute.js';
import { limits } from './graphql/limits.js';
import { requestIdOf } from './graphql/request.js';
import type { SocketLimits } from './sockets/limits.js';
import { openSockets, type Sockets } from './sockets.js';

export interface ServerParts {
  config: Config;
  schema: GraphQLSchema;
  log: Context['log'];
  /** A context for a caller. */
  open: (viewer: Viewer) => Context;
  authenticate: Authenticate;
  /** What is missing to be ready; empty when all is well. */
  readiness: () => Promise<string[]>;
  /** What somebody should look at although it is ready. */
  warnings?: () => Promise<string[]>;
  /** Prometheus text. */
  metrics: () => Promise<string>;
  /** What the start page shows. */
  status: () => Promise<object>;
  /** What sockets may take, in place of the usual limits. */
  socketLimits?: Partial<SocketLimits> | undefined;
  /** Further paths, each with errors in a form of its own. */
  routes?: readonly ((fastify: FastifyInstance) => Promise<void>)[];
}

export interface Listening {
  port: number;
  /** As a browser on this machine reaches it. */
  url: string;
  sockets: Sockets;
  close(): Promise<void>;
}

/** One port for everything: GraphQL over HTTP and WebSocket, pages, health, metrics. */
export async function startServer(parts: ServerParts): Promise<Listening> {
  const { config, schema } = parts;
  const fastify = Fastify({
    bodyLimit: limits.bytes,
    trustProxy: config.trustProxy,
    forceCloseConnections: 'idle',
    requestTimeout: 60_000,
    // A head that never ends holds a connection for this long.
    http: { headersTimeout: 15_000, connectionsCheckingInterval: 5_000 },
    logger: false,
  });
  const documents = makeDocuments(schema, config.introspection);
  const sockets = openSockets({ ...parts, documents });
  const apollo = makeApollo(parts, fastify, sockets);
  await apollo.start();
  if (config.corsOrigins.length > 0) {
    await fastify.register(cors, { origin: config.corsOrigins.includes('*') ? true : [...config.corsOrigins], maxAge: 600 });
  }
  fastify.setErrorHandler(
    (error, _request, reply) =>
      void reply.code((error as { statusCode?: number }).statusCode ?? 500).send(asGraphQLError(error, parts.log)),
  );
  fastify.addHook(
    'onSend',
    async (_request, reply) => void reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer'),
  );
  routeGraphQL(fastify, apollo, parts);
  routeHealth(fastify, parts);
  for (const route of parts.routes ?? []) await route(fastify);
  await routePages(fastify, parts);
  // Sockets are told at once (1001), HTTP requests under way are answered.
  fastify.addHook('preClose', async () => await sockets.close());
  await listen(fastify, parts);
  sockets.attach(fastify.server as Server);
  const address = fastify.server.address();
  const port = typeof address === 'object' && address ? address.port : config.port;
  const host = ['0.0.0.0', '::'].includes(config.host) ? '127.0.0.1' : config.host;
  return {
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    sockets,
    async close() {
      await apollo.stop();
      await fastify.close();
    },
  };
}

/** A worker beside a sibling on the same machine takes a free port: nobody calls it but for its health and metrics. */
async function listen(fastify: FastifyInstance, { config: { role, port, host }, log }: ServerParts): Promise<void> {
  try {
    await fastify.listen({ port, host });
  } catch (error) {
    if (role !== 'worker' || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    log.info({ port }, 'the port is taken: this worker takes a free one');
    await fastify.listen({ port: 0, host });
  }
}

function makeApollo({ schema, config }: ServerParts, fastify: FastifyInstance, sockets: Sockets): ApolloServer<Context> {
  return new ApolloServer<Context>({
    gateway: executorOf(schema),
    introspection: config.introspection,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: !config.introspection,
    validationRules: rulesOf(config.introspection),
    parseOptions: { maxTokens: limits.tokens },
    csrfPrevention: true,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    formatError,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // It would wrap every field of the schema, for subscriptions too, to find out what may be cached: nothing may.
      ApolloServerPluginCacheControlDisabled(),
      fastifyApolloDrainPlugin(fastify),
      { serverWillStart: async () => ({ drainServer: async () => await sockets.close() }) },
    ],
  });
}

/** Apollo parses, validates and speaks HTTP; what executes is ours, the same as for WebSocket. */
function executorOf(schema: GraphQLSchema): NonNullable<ApolloServerOptions<Context>['gateway']> {
  return {
    onSchemaLoadOrUpdate(tell) {
      tell({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: async () => ({
      // The request's own name: Apollo's is that of the operation which it found, so none where the document has no such operation.
      executor: async ({ document, request: { operationName, variables }, context }) =>
        await executeOperation({ schema, document, operationName, variables, context: context as unknown as Context }),
    }),
    stop: async () => undefined,
  };
}

function routeGraphQL(fastify: FastifyInstance, apollo: ApolloServer<Context>, { open, authenticate, log }: ServerParts): void {
  fastify.route({
    url: '/graphql',
    method: ['GET', 'POST', 'OPTIONS'],
    onRequest: async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    },
    handler: fastifyApolloHandler(apollo, {
      context: async (request) => {
        const nobody = open(anonymous);
        try {
          const { authorization } = request.headers;
          return authorization === undefined ? nobody : open(await authenticate(nobody, authorization));
        } catch (error) {
          const { message, extensions } = toPublicError(error, log, requestIdOf(nobody));
          const status = error instanceof CallerError ? 401 : isAway(error) ? 503 : 500;
          throw new GraphQLError(message, { extensions: { ...extensions, http: { status } } });
        }
      },
    }),
  });
}

function routeHealth(fastify: FastifyInstance, { readiness, warnings, metrics, config, log }: ServerParts): void {
  fastify.get('/healthz', async () => ({ status: 'ok' }));
  fastify.get('/readyz', async (_request, reply) => {
    const reasons = await readiness();
    // Without the database there is nothing else to say than that.
    const waiting = reasons.length > 0 ? [] : ((await warnings?.()) ?? []);
    const found = [...(config.deliveryModeUnset ? [sandboxWarning] : []), ...waiting];
    return reply.code(reasons.length > 0 ? 503 : 200).send({
      status: reasons.length > 0 ? 'unavailable' : 'ready',
      reasons,
      ...(found.length > 0 && { warnings: found }),
    });
  });
  fastify.get('/metrics', async (request, reply) => {
    if (config.metricsToken && request.headers.authorization !== `Bearer ${config.metricsToken}`)
      return reply.code(401).send('Show METRICS_TOKEN as a bearer token.\n');
    return reply.type('text/plain; version=0.0.4').send(await metrics());
  });
  if (config.deliveryModeUnset) log.warn(sandboxWarning);
}

const sandboxWarning = 'DELIVERY_MODE is not set: messages are kept in the sandbox and nothing is sent. Set DELIVERY_MODE=live to send.';

const pagePolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "frame-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
].join('; ');

async function routePages(fastify: FastifyInstance, { status, config }: ServerParts): Promise<void> {
  fastify.get('/status.json', async (_request, reply) => reply.header('cache-control', 'no-store').send(await status()));
  await fastify.register(statics, {
    root: join(packageRoot, 'dist', 'web'),
    prefix: '/',
    index: ['index.html'],
    redirect: true,
    setHeaders: (reply, path) => {
      reply.header('content-security-policy', pagePolicy);
      reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
    allowedPath: (path) => config.playground || !path.startsWith('/playground'),
  });
}

/** An error before GraphQL (a body too large, no JSON), in GraphQL's shape. */
function asGraphQLError(error: unknown, log: Context['log']): object {
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  if (statusCode === 413) {
    const problem = { path: [], code: 'TOO_LARGE', message: `A request has at most ${limits.bytes} bytes.` };
    return { errors: [{ message: problem.message, extensions: { code: 'BAD_USER_INPUT', problems: [problem] } }] };
  }
  if (statusCode < 500) return { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] };
  log.error({ err: error }, 'request failed');
  return { errors: [{ message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL' } }] };
}
