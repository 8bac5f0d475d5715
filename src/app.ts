import 'reflect-metadata';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { GraphQLSchema } from 'graphql';
import { type Logger, pino } from 'pino';
import { publicUrlOf, secretsOf } from './access/secrets.js';
import { makeAuthenticate, signToken } from './access/token.js';
import { engine, type Role, type Viewer } from './access/viewer.js';
import { schemaOf, sources } from './api.js';
import { filesIn } from './attachments/store.js';
import { withCatalogueOf } from './catalogue/current.js';
import { publishEvents } from './catalogue/declare-event.js';
import { startIndexes } from './catalogue/indexes.js';
import { type Bell, type Doorbell, openDoorbell } from './changes/doorbell.js';
import { startTail } from './changes/tail.js';
import type { Config } from './config.js';
import type { Context, Services } from './context.js';
import { startEmbedded } from './database/embedded.js';
import { migrateUp } from './database/migrate.js';
import { openOrm } from './database/orm.js';
import type { Provider } from './delivery/provider.js';
import { makeProviders } from './delivery/providers.js';
import { strandedMessages } from './delivery/stranded.js';
import { startDelivery } from './delivery/worker.js';
import { startRetractions } from './generate/retract.js';
import { startRunner } from './generate/runner.js';
import { alarms, fireOverdue, fireSchedule } from './generate/schedule-fire.js';
import { startSweeps } from './generate/sweep.js';
import { contextsOf } from './graphql/request.js';
import { makeMetrics } from './metrics.js';
import { printRoutes } from './print/route.js';
import { handedBack } from './queue/feed.js';
import { type Scheduler, startScheduler } from './scheduler/scheduler.js';
import { type Listening, startServer } from './server.js';
import type { SocketLimits } from './sockets/limits.js';
import { startRequests } from './sources/requests/worker.js';
import { startRules } from './sources/rules/worker.js';
import { makeStatus, readiness } from './status.js';
import { routeLinkPages } from './tracking/pages.js';
import { routePixel } from './tracking/pixel.js';
import { startRecorder } from './tracking/recorder.js';
import { attachmentRoutes } from './uploads/route.js';

const entities: Parameters<typeof openOrm>[0]['entities'] = [];

/** The seams: what tests put in place of the real thing. */
export interface Overrides {
  now?: () => Date;
  log?: Logger;
  /** What the engine sends through, instead of what the configuration names. */
  providers?: readonly Provider[];
  /** What sockets may take. */
  socketLimits?: Partial<SocketLimits>;
}

export interface App {
  /** Where it listens, as this machine reaches it. */
  readonly url: string;
  readonly config: Config;
  /** Of the database in use, the embedded one too. */
  readonly databaseUrl: string;
  readonly schema: GraphQLSchema;
  context(viewer?: Viewer): Context;
  /** A token as `carillon token create` makes it. */
  token(role: Role, subject: string, lifetime?: string): Promise<string>;
  close(): Promise<void>;
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
  await publishEvents({ em: orm.em.fork() });
  const secrets = secretsOf(config);
  const now = overrides.now ?? (() => new Date());

  // Each rings the other: the doorbell is opened last, when there is something to ring.
  let doorbell: Doorbell | undefined;
  let scheduler: Scheduler | undefined;
  let listening: Listening | undefined;
  const rung: Record<Bell, () => void> = {
    changes: () => tail.heard(),
    run: () => undefined,
    delivery: () => undefined,
    event: () => undefined,
  };
  const ring = (bell: Bell) => {
    rung[bell]();
    doorbell?.ring(bell);
  };
  const tail = await startTail(
    log,
    () => ({ em: orm.em.fork() }),
    () => doorbell?.ring('changes'),
  );
  opened.defer(async () => await tail.stop());
  opened.defer(async () => await handedBack(tail));
  const open = (viewer: Viewer = engine) => openContext(viewer);
  const services: Services = {
    tail,
    open,
    config,
    log,
    now,
    secrets,
    attachments: filesIn(join(config.dataDir, 'attachments')),
    publicUrl: () => publicUrlOf(config, listening?.url),
    within: withCatalogueOf,
    clocks: { arm: async (scheduleId, at) => await scheduler?.arm(scheduleId, at) },
    bells: { changes: () => tail.ring(), work: ring },
  };
  const openContext = contextsOf(services, orm);
  doorbell = openDoorbell(databaseUrl, log, (bell) => rung[bell]());
  opened.defer(async () => await doorbell?.stop());
  scheduler = startScheduler({ config, log, databaseUrl, open, fire: fireSchedule, sweep: fireOverdue, alarms });
  opened.defer(async () => await scheduler?.stop());
  if (config.role !== 'api') await startDuties({ ...services, databaseUrl }, overrides, rung, opened);
  const schema = schemaOf();
  const sign: App['token'] = async (role, subject, lifetime = '1h') => await signToken(secrets.jwt, role, subject, lifetime);
  const ready = async () => [...(await readiness(open(), orm)), ...(scheduler?.ready() ?? [])];
  const authenticate = makeAuthenticate(config, secrets.jwt);
  const recorder = startRecorder({ log, open });
  opened.defer(async () => await recorder.stop());
  const server = await startServer({
    config,
    schema,
    log,
    open,
    authenticate,
    routes: [
      attachmentRoutes({ open, authenticate }),
      printRoutes({ open, authenticate }),
      async (fastify) => await routeLinkPages(fastify, open, recorder),
      async (fastify) => await routePixel(fastify, recorder),
    ],
    readiness: ready,
    warnings: async () => await strandedMessages(open(), config),
    metrics: makeMetrics({ open: () => ({ em: orm.em.fork() }), sockets: () => server.sockets.open }),
    status: makeStatus(config, ready, sign),
    socketLimits: overrides.socketLimits,
  });
  listening = server;
  opened.defer(async () => await server.close());
  return {
    url: server.url,
    config,
    databaseUrl,
    schema,
    context: open,
    token: sign,
    close: async () => await opened.disposeAsync(),
  };
}

/** What a worker does by itself: runs, sending, expiry, indexes. */
async function startDuties(
  { log, open, config, databaseUrl }: Services & { databaseUrl: string },
  overrides: Overrides,
  rung: Record<Bell, () => void>,
  opened: AsyncDisposableStack,
): Promise<void> {
  const runner = startRunner({ log, open, sources });
  opened.defer(async () => await runner.stop());
  const retractions = startRetractions({ log, open });
  opened.defer(async () => await retractions.stop());
  rung.run = () => {
    runner.ring();
    retractions.ring();
  };
  const sweeps = startSweeps({ log, open });
  opened.defer(async () => await sweeps.stop());
  const rules = startRules({ log, open });
  opened.defer(async () => await rules.stop());
  rung.event = () => rules.ring();
  const requests = startRequests({ log, open });
  opened.defer(async () => await requests.stop());
  const indexes = startIndexes({ log, open: () => open(engine), databaseUrl });
  opened.defer(async () => await indexes.stop());
  const made = overrides.providers ? undefined : await makeProviders(config, { log, open: () => open(engine) });
  opened.defer(async () => await made?.close());
  const delivery = startDelivery({
    log,
    open: () => open(engine),
    providers: overrides.providers ?? made?.providers ?? [],
    holder: `${hostname()} ${process.pid}`,
  });
  opened.defer(async () => await delivery.stop());
  rung.delivery = () => delivery.ring();
}
