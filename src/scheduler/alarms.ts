import { Agenda } from 'agenda';
import { openStore, type StoreOptions } from './store.js';

/** A schedule that waits, and for when. */
export interface Alarm {
  scheduleId: string;
  at: Date;
}

/** Agenda as an alarm clock: one job for each schedule that waits, gone once it has rung. */
export interface Alarms {
  /** Sets the one alarm of the schedule anew; null forgets it. */
  set(scheduleId: string, at: Date | null): Promise<void>;
  isEmpty(): Promise<boolean>;
  /** Forgets all alarms and sets these. */
  replaceAll(alarms: readonly Alarm[]): Promise<void>;
  /** Lets what is ringing end, for a while, and closes the store. */
  close(): Promise<void>;
}

export interface AlarmsOptions extends StoreOptions {
  /** What an alarm does; left out, alarms are set here and ring elsewhere. */
  onRing?: (scheduleId: string) => Promise<void>;
}

/** The one kind of job. */
export const jobName = 'schedule.due';

const processEveryMs = 1_000;
/** A job whose process died is taken over after this; ringing takes milliseconds. Short, since each job leaves a timer of half of it. */
const lockLifetimeMs = 10_000;
const drainMs = 5_000;
const complaintMs = 60_000;

/** Opens the store and, with `onRing`, starts to ring. Throws where the store cannot be reached. */
export async function openAlarms({ onRing, ...options }: AlarmsOptions): Promise<Alarms> {
  const store = await openStore(options);
  const agenda = new Agenda({
    backend: store.backend,
    processEvery: processEveryMs,
    defaultLockLifetime: lockLifetimeMs,
    removeOnComplete: true,
  });
  agenda.on('error', complainer(options));
  if (onRing) {
    // oxlint-disable-next-line typescript/no-misused-promises -- Agenda waits for the promise, though its type does not say so.
    agenda.define<{ scheduleId: string }>(jobName, async ({ attrs }) => {
      await onRing(attrs.data.scheduleId).catch((error: unknown) => {
        // A failed job would stay in the store for ever. The sweep tries again.
        options.log.debug({ err: error, scheduleId: attrs.data.scheduleId }, 'an alarm rang in vain');
      });
    });
    await agenda.start();
  }
  const set = async ({ scheduleId, at }: Alarm) => void (await agenda.schedule(at, jobName, { scheduleId }));
  return {
    async set(scheduleId, at) {
      // A new job each time, not the old one moved: a job that is just ringing would take its new time along into the end.
      await agenda.cancel({ name: jobName, data: { scheduleId } });
      if (at) await set({ scheduleId, at });
    },
    async isEmpty() {
      const { total } = await agenda.queryJobs({ name: jobName, limit: 1 });
      return total === 0;
    },
    async replaceAll(alarms) {
      await agenda.cancel({ name: jobName });
      for (const alarm of alarms) await set(alarm);
    },
    async close() {
      await agenda.drain(drainMs);
      await store.close();
    },
  };
}

/** A store that is away fails every second: the first of a minute is news, the rest is noise. */
function complainer({ log }: AlarmsOptions): (error: unknown) => void {
  let quietUntil = 0;
  return (error) => {
    const isNews = Date.now() >= quietUntil;
    if (isNews) quietUntil = Date.now() + complaintMs;
    log[isNews ? 'warn' : 'debug']({ err: error }, 'Agenda cannot reach its store; schedules still run by the sweep');
  };
}
