import type { Logger } from 'pino';
import type { EngineEntry } from '../queue/lease.js';
import { hasEnded, type LeaseEnd } from '../queue/leaseEnd.js';
import { makeCircuit } from './circuit.js';
import { decide, giveBack, type Verdict } from './decide.js';
import type { Pace } from './pace.js';
import type { Prepared, Ready } from './prepare.js';
import type { Outcome, OutgoingMessage, Provider } from './provider.js';

export interface LaneOptions {
  provider: Provider;
  log: Logger;
  pace: Pace;
  /** Checks entries again and renders them. Rejects where the database is away. */
  prepare(entries: readonly EngineEntry[]): Promise<Prepared[]>;
  /** Has the verdict written; `release` is called once it is. */
  write(verdict: Verdict): void;
  /** There is room for more. */
  ring(): void;
}

/** One provider's share of the work: what is leased for it, being made ready, and under way. */
export interface Lane {
  readonly provider: Provider;
  /** How many entries it wants leased now. */
  room(): number;
  /** Takes leased entries; `full` where there may be more in the queue. The lease ends at `until`. */
  take(entries: readonly EngineEntry[], full: boolean, until: LeaseEnd): void;
  /** Everything whose lease must not end. */
  held(): EngineEntry[];
  /** Its lease has been extended. */
  keep(entry: EngineEntry, until: LeaseEnd): void;
  /** The entry's verdict, under that lease, has been written. */
  release(id: string, leaseToken: string): void;
  /** The entry is somebody else's now: it is not begun any more, and what is under way may not leave. */
  lose(id: string): void;
  /** Sends nothing more: gives back what was not begun. */
  stop(): void;
  /** Once nothing is under way. */
  quiet(): Promise<void>;
  /** Tells what is under way to give up. */
  abort(): void;
}

/** Bounds of how much is leased ahead, as a multiple of what may be under way; it adapts between them. */
const leastAhead = 2;
const mostAhead = 50;
/** Leased ahead for about so long: less, and the lane runs dry; more, and other workers could have had it. */
const aheadMs = 3_000;
const prepareAgainMs = 500;
/** How long a provider may take to say what an aborted send came to. */
const lastWordsMs = 500;

export function openLane({ provider, log, pace, prepare, write, ring }: LaneOptions): Lane {
  const held = new Map<string, EngineEntry>();
  /** When the leases of what is held end, by their tokens: an entry whose lease has ended may come back under another one. */
  const until = new Map<string, LeaseEnd>();
  const underWay = new Set<AbortController>();
  const circuit = makeCircuit({ failures: pace.failuresBeforePause, baseMs: pace.pauseBaseMs, capMs: pace.pauseCapMs });
  let waiting: EngineEntry[] = [];
  let ready: Ready[] = [];
  let ahead = leastAhead;
  let takenAt = 0;
  let more = false;
  let pumping: Promise<void> | undefined;
  let stopped = false;
  let whenQuiet: (() => void) | undefined;

  const slots = () => Math.min(provider.concurrency, circuit.allowance()) - underWay.size;

  /** Starts what may start, and makes the next ones ready meanwhile. */
  function pump(): void {
    launchReady();
    pumping ??= prepareWaiting().finally(() => {
      pumping = undefined;
      if (more && room() > 0) ring();
    });
  }

  async function prepareWaiting(): Promise<void> {
    let failures = 0;
    while (!stopped && circuit.allowance() > 0 && waiting.length > 0 && ready.length < provider.concurrency) {
      const group = waiting.splice(0, provider.concurrency - ready.length);
      try {
        for (const each of await prepare(group)) place(each);
        failures = 0;
      } catch (error) {
        failures += 1;
        log[failures === 1 ? 'warn' : 'debug']({ err: error, provider: provider.name, failures }, 'entries could not be made ready');
        waiting.unshift(...group);
        if (!stopped) await new Promise((resume) => setTimeout(resume, prepareAgainMs));
      }
      if (stopped || circuit.allowance() === 0) returnUnbegun();
      launchReady();
    }
  }

  function place(prepared: Prepared): void {
    if (!isHeld(prepared.entry)) return;
    if ('message' in prepared) ready.push(prepared);
    else if (prepared.verdict) write(prepared.verdict);
    else forget(prepared.entry.id);
  }

  /** Under that lease: what had ended may have come back under another one. */
  function isHeld({ id, leaseToken }: Pick<EngineEntry, 'id' | 'leaseToken'>): boolean {
    return held.get(id)?.leaseToken === leaseToken;
  }

  function forget(id: string): void {
    until.delete(held.get(id)?.leaseToken ?? '');
    held.delete(id);
  }

  function launchReady(): void {
    while (!stopped && slots() > 0) {
      const next = ready.shift();
      if (!next) return;
      if (performance.now() - next.checkedAt > pace.checkValidMs) waiting.unshift(next.entry);
      else void carry(next);
    }
  }

  async function carry({ entry, message }: Ready): Promise<void> {
    const controller = new AbortController();
    underWay.add(controller);
    // This process may have stood still since it began, and another one have sent the message meanwhile.
    const mayLeave = () => {
      const end = until.get(entry.leaseToken);
      if (end && !hasEnded(end)) return true;
      controller.abort(new Error('Its lease ended before it was handed over'));
      return false;
    };
    const outcome = await sendWithin(provider, message, { controller, mayLeave, timeoutMs: pace.sendTimeoutMs });
    underWay.delete(controller);
    if (outcome.kind === 'inDoubt' || (outcome.kind === 'retry' && outcome.away)) tripped(outcome.reason);
    else circuit.answered();
    write(decide(entry, outcome, pace));
    if (underWay.size === 0) whenQuiet?.();
    pump();
  }

  /** With the circuit open nothing is kept waiting here: other processes may reach the provider. */
  function tripped(reason: string): void {
    if (!circuit.failed()) return;
    log.warn({ provider: provider.name, reason, pauseMs: Math.round(circuit.remainingMs()) }, 'provider cannot be reached; pausing');
    returnUnbegun();
    more = true;
    setTimeout(ring, circuit.remainingMs()).unref();
  }

  function returnUnbegun(): void {
    for (const entry of [...waiting, ...ready.map((each) => each.entry)]) write(giveBack(entry, circuit.remainingMs()));
    waiting = [];
    ready = [];
  }

  function room(): number {
    const allowance = circuit.allowance();
    if (stopped || allowance === 0) return 0;
    if (allowance === 1) return held.size === 0 ? 1 : 0;
    const most = provider.concurrency * ahead;
    return held.size <= most / 2 ? most - held.size : 0;
  }

  /** Twice as much ahead where the last lot was gone at once, half where it took long. */
  function adapt(): void {
    const lasted = performance.now() - takenAt;
    if (more && lasted < aheadMs / 2) ahead = Math.min(mostAhead, ahead * 2);
    else if (lasted > aheadMs) ahead = Math.max(leastAhead, Math.floor(ahead / 2));
  }

  return {
    provider,
    room,
    take(entries, full, endsAt) {
      adapt();
      takenAt = performance.now();
      more = full;
      for (const entry of entries) {
        forget(entry.id);
        held.set(entry.id, entry);
        until.set(entry.leaseToken, endsAt);
      }
      waiting.push(...entries);
      // It may have stopped, or the provider gone away, while the lease was being taken.
      if (stopped || circuit.allowance() === 0) returnUnbegun();
      pump();
    },
    held: () => [...held.values()],
    keep({ leaseToken }, endsAt) {
      if (until.has(leaseToken)) until.set(leaseToken, endsAt);
    },
    release(id, leaseToken) {
      if (isHeld({ id, leaseToken })) forget(id);
      if (more && room() > 0) ring();
    },
    lose(id) {
      forget(id);
      waiting = waiting.filter((each) => each.id !== id);
      ready = ready.filter((each) => each.entry.id !== id);
    },
    stop() {
      stopped = true;
      returnUnbegun();
    },
    async quiet() {
      await pumping;
      if (underWay.size > 0) await new Promise<void>((quiet) => (whenQuiet = quiet));
    },
    abort() {
      for (const controller of underWay) controller.abort();
    },
  };
}

interface Sending {
  controller: AbortController;
  mayLeave(): boolean;
  timeoutMs: number;
}

/** The provider's outcome; in doubt where it breaks its word: throws, or says nothing long after it was told to give up. */
async function sendWithin(provider: Provider, message: OutgoingMessage, { controller, mayLeave, timeoutMs }: Sending): Promise<Outcome> {
  const deadline = setTimeout(() => controller.abort(), timeoutMs);
  let silence: NodeJS.Timeout | undefined;
  const silent = new Promise<Outcome>((answer) => {
    controller.signal.addEventListener('abort', () => {
      silence = setTimeout(() => answer({ kind: 'inDoubt', reason: `${provider.name} gave no answer` }), lastWordsMs);
    });
  });
  try {
    return await Promise.race([provider.send(message, controller.signal, mayLeave), silent]);
  } catch (error) {
    return { kind: 'inDoubt', reason: `${provider.name} failed: ${(error as Error).message}` };
  } finally {
    clearTimeout(deadline);
    clearTimeout(silence);
  }
}
