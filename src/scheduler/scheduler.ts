import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Clocks, Context } from '../context.js';
import { type Loop, startLoop } from '../loop.js';
import { type Alarm, type Alarms, openAlarms } from './alarms.js';

export interface SchedulerOptions {
  config: Pick<Config, 'mongodbUrl' | 'role'>;
  log: Logger;
  databaseUrl: string;
  /** A fresh context for each alarm and each sweep. */
  open: () => Context;
  /** Starts the run of one schedule, if it is due. */
  fire(ctx: Context, scheduleId: string): Promise<unknown>;
  /** Starts every run that is due; true where there may be more. */
  sweep(ctx: Context): Promise<boolean>;
  /** Every alarm that should be set. */
  alarms(ctx: Context): Promise<readonly Alarm[]>;
}

export interface Scheduler extends Clocks {
  /** Why schedules do not run at the moment; nothing, while they do. */
  ready(): string[];
  stop(): Promise<void>;
}

const sweepMs = 1_000;
const lateMs = 15_000;
/** Once connected, the drivers reconnect by themselves. */
const connectedMs = 3_600_000;

/**
 * Agenda rings at the instant; a sweep of the table each second starts what it missed, or all while its store is away. An `api`
 * process only sets alarms.
 */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { log, open, config } = options;
  const works = config.role !== 'api';
  let alarms: Alarms | undefined;
  let sweptAt = Date.now();
  let stopped = false;

  const connecting = startLoop({
    name: 'alarm store',
    log,
    everyMs: connectedMs,
    async round() {
      alarms ??= await connect(options);
      return false;
    },
  });
  const sweeping: Loop | undefined = works
    ? startLoop({
        name: 'schedules',
        log,
        everyMs: sweepMs,
        async round() {
          const more = await options.sweep(open());
          sweptAt = Date.now();
          return more;
        },
      })
    : undefined;

  return {
    async arm(scheduleId, at) {
      if (at && at.getTime() <= Date.now()) sweeping?.ring();
      try {
        await alarms?.set(scheduleId, at);
      } catch (error) {
        log[stopped ? 'debug' : 'warn']({ err: error, scheduleId, at }, 'an alarm was not set; the sweep starts the run');
      }
    },
    ready() {
      const late = Date.now() - sweptAt;
      if (!sweeping || late < lateMs) return [];
      return [`schedules have not been looked at for ${Math.round(late / 1_000)} s`];
    },
    async stop() {
      stopped = true;
      await Promise.all([connecting.stop(), sweeping?.stop()]);
      await alarms?.close().catch((error: unknown) => log.debug({ err: error }, 'the store of the alarms did not close'));
      alarms = undefined;
    },
  };
}

/** Forgets all alarms and sets one for each active schedule; answers how many. For `carillon schedule rebuild`. */
export async function rebuildAlarms({ config, log, databaseUrl, open, alarms }: Omit<SchedulerOptions, 'fire' | 'sweep'>): Promise<number> {
  const opened = await openAlarms({ databaseUrl, mongodbUrl: config.mongodbUrl, log });
  try {
    return await refill(opened, await alarms(open()));
  } finally {
    await opened.close();
  }
}

/** A store that is empty, because it is new or was lost, is filled from the table. */
async function connect({ config, log, databaseUrl, open, fire, alarms }: SchedulerOptions): Promise<Alarms> {
  const onRing = async (scheduleId: string) => void (await fire(open(), scheduleId));
  const shared = { databaseUrl, mongodbUrl: config.mongodbUrl, log };
  const opened = await openAlarms(config.role === 'api' ? shared : { ...shared, onRing });
  try {
    if (await opened.isEmpty()) await refill(opened, await alarms(open()));
  } catch (error) {
    await opened.close();
    throw error;
  }
  log.info({ store: config.mongodbUrl ? 'MongoDB' : 'PostgreSQL' }, 'alarms are set');
  return opened;
}

async function refill(opened: Alarms, wanted: readonly Alarm[]): Promise<number> {
  await opened.replaceAll(wanted);
  return wanted.length;
}
