import { engine } from '../access/viewer.js';
import { pruneAttachments } from '../attachments/prune.js';
import { forgetKeys, pruneChanges } from '../changes/prune.js';
import type { Context } from '../context.js';
import { transact } from '../graphql/request.js';
import { type Loop, startLoop } from '../loop.js';
import { announceExpired } from '../queue/expire.js';
import { parkExhausted } from '../queue/systemLease.js';
import { compactTallies } from './run.js';
import { pruneFires } from './schedule-log.js';

/** Expired entries are out of reach at once; this is how late their announcement may be. */
const expiryMs = 500;
/** A claim parks what it meets; this is for systems that nobody serves any more. */
const parkingMs = 15_000;
const housekeepingMs = 60_000;

/** What time does: announces expiry, and keeps logs and counters small. Any number of processes may do it. */
export function startSweeps({ log, open }: { log: Context['log']; open: Context['open'] }): Loop {
  const expiry = startLoop({
    name: 'expiry',
    log,
    everyMs: expiryMs,
    round: () => transact(open(engine), announceExpired),
  });
  const parking = startLoop({ name: 'parking', log, everyMs: parkingMs, round: () => transact(open(engine), parkExhausted) });
  const housekeeping = startLoop({
    name: 'housekeeping',
    log,
    everyMs: housekeepingMs,
    async round() {
      await transact(open(engine), compactTallies);
      await pruneFires(open(engine));
      await forgetKeys(open(engine));
      await pruneAttachments(open(engine));
      return await transact(open(engine), pruneChanges);
    },
  });
  return {
    ring: () => expiry.ring(),
    async stop() {
      await Promise.all([expiry.stop(), parking.stop(), housekeeping.stop()]);
    },
  };
}
