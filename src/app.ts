import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { type Logger, pino } from 'pino';
import type { NonEmptyArray } from 'type-graphql';
import { CallerResolver } from './access/caller.resolver.js';
import { secretsOf } from './access/secrets.js';
import { makeAuthenticate, signToken } from './access/token.js';
import { engine, type Role, type Viewer } from './access/viewer.js';
import { ContactResolver, contactNode } from './audience/contact.resolver.js';
import { SegmentResolver, segmentNode } from './audience/segment.resolver.js';
import { CatalogueResolver } from './catalogue/catalogue.resolver.js';
import { type Doorbell, openDoorbell } from './changes/doorbell.js';
import { startTail } from './changes/tail.js';
import type { Config } from './config.js';
import { PreviewResolver } from './content/preview.resolver.js';
import { TemplateResolver, templateNode } from './content/template.resolver.js';
import type { Context, Services } from './context.js';
import { startEmbedded } from './database/embedded.js';
import { migrateUp, migrationStatus } from './database/migrate.js';
import { openOrm } from './database/orm.js';
import { rows } from './database/sql.js';
import { SandboxMessageResolver, sandboxMessageNode } from './delivery/sandbox-message.resolver.js';
import { type NodeKind, registerNodes } from './graphql/node.js';
import { NodeResolver } from './graphql/node.resolver.js';
import { newContext } from './graphql/request.js';
import { makeSchema, type ResolverClass } from './graphql/schema.js';
import { startServer } from './server.js';
import { makeStatus } from './status.js';

/** The seams: what tests put in place of the real thing. */
export interface Overrides {
  now?: () => Date;
  log?: Logger;
}

export interface App {
  /** Where it listens, as this machine reaches it. */
  readonly url: string;
  readonly config: Config;
  readonly schema: GraphQLSchema;
  context(viewer?: Viewer): Context;
  /** A token as `carillon token create` makes it. */
  token(role: Role, subject: string, lifetime?: string): Promise<string>;
  close(): Promise<void>;
}

const resolvers: NonEmptyArray<ResolverClass> = [
  CallerResolver,
  NodeResolver,
  ContactResolver,
  SegmentResolver,
  SandboxMessageResolver,
  CatalogueResolver,
  TemplateResolver,
  PreviewResolver,
];
const nodes: NodeKind[] = [contactNode, segmentNode, sandboxMessageNode, templateNode];
const entities: Parameters<typeof openOrm>[0]['entities'] = [];

/** The schema alone, for `schema print`, and for checks that need no database. */
export function schemaOf(): GraphQLSchema {
  registerNodes(nodes);
  return makeSchema(resolvers);
}

/** The only wiring: everything else is handed what it needs. */
export async function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  // Closed in the opposite order of opening, also where the rest cannot be opened (a port that is taken).
  const opened = new AsyncDisposableStack();
  try {
    return await wire(config, overrides, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function wire(config: Config, overrides: Overrides, opened: AsyncDisposableStack): Promise<App> {
  const log = overrides.log ?? pino({ level: config.logLevel, base: null }, pino.destination(2));
  const embedded = config.databaseUrl ? undefined : await startEmbedded(config.dataDir);
  opened.defer(async () => await embedded?.release());
  const databaseUrl = config.databaseUrl ?? embedded?.url ?? '';
  const orm = await openOrm({ url: databaseUrl, entities });
  opened.defer(async () => await orm.close(true));
  await migrateUp(orm, databaseUrl);
  const secrets = secretsOf(config);
  const now = overrides.now ?? (() => new Date());

  // Each rings the other: the doorbell is opened last, when there is something to ring.
  let doorbell: Doorbell | undefined;
  const tail = await startTail(
    log,
    () => ({ em: orm.em.fork() }),
    () => doorbell?.ring('changes'),
  );
  opened.defer(async () => await tail.stop());
  const open = (viewer: Viewer = engine) => newContext(services, orm, viewer);
  const services: Services = {
    tail,
    open,
    config,
    log,
    now,
    secrets,
    clocks: { arm: async () => undefined },
    bells: {
      changes: () => {
        tail.ring();
        doorbell?.ring('changes');
      },
      work: (kind) => doorbell?.ring(kind),
    },
  };
  doorbell = openDoorbell(databaseUrl, log, (bell) => {
    if (bell === 'changes') tail.ring();
  });
  opened.defer(async () => await doorbell?.stop());
  const schema = schemaOf();
  const sign: App['token'] = async (role, subject, lifetime = '1h') => await signToken(secrets.jwt, role, subject, lifetime);
  const ready = async () => await readiness(open(), orm);
  const server = await startServer({
    config,
    schema,
    log,
    open,
    authenticate: makeAuthenticate(config, secrets.jwt),
    readiness: ready,
    metrics: async () => '',
    status: makeStatus(config, ready, sign),
  });
  opened.defer(async () => await server.close());
  return {
    url: server.url,
    config,
    schema,
    context: open,
    token: sign,
    close: async () => await opened.disposeAsync(),
  };
}

async function readiness(ctx: Context, orm: Awaited<ReturnType<typeof openOrm>>): Promise<string[]> {
  try {
    await rows(ctx, 'select 1');
    const { pending } = await migrationStatus(orm);
    return pending.length > 0 ? [`${pending.length} migrations are pending: run carillon migrate`] : [];
  } catch {
    return ['the database cannot be reached'];
  }
}
