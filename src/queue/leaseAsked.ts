import type { ExecutionResult } from 'graphql';
import type { Tail } from '../changes/tail.js';
import type { Context } from '../context.js';
import { localId } from '../graphql/node.js';
import { leaseInTurn } from './fairShare.js';
import { holderOf, type LeasedId, leaseSystemEntries, leaseSystemIds } from './systemLease.js';
import { requireEnabled, requireSystem } from './systems.js';

export interface AskedLease {
  /** The public id of the system; an EXTERNAL_SYSTEM token names its own. */
  systemId: string | null | undefined;
  limit: number;
  /** Null: as long as the system's leases last. */
  leaseSeconds: number | null;
  /** The caller asks for nothing but what the queue itself knows. */
  idsOnly: boolean;
}

/** The row of a system by the code that its tokens name, as it was seen last: systems that come for work come again and again. */
const processes = new WeakMap<Tail, Map<string, string>>();

/** As long as it would wait for a connection. */
const patienceMs = 10_000;

/** An operation that leases by call, when it is the turn of the caller's system (`TakesTurns`). */
export async function askInTurn(ctx: Context, work: () => Promise<ExecutionResult>): Promise<ExecutionResult> {
  const { role, subject } = ctx.viewer;
  if (role === 'CONTACT') return await work();
  const system = role === 'EXTERNAL_SYSTEM' ? processes.get(ctx.tail)?.get(subject) : undefined;
  return await leaseInTurn(ctx.tail, system ?? `${role} ${subject}`, work, patienceMs);
}

/**
 * Leases what a caller asks for. The system of a token is looked up by the claim itself, where it was seen before; only where
 * that brings nothing it is asked whether there is such a system, and whether it is enabled.
 */
export async function leaseAsked(ctx: Context, { systemId: publicId, limit, leaseSeconds, idsOnly }: AskedLease): Promise<LeasedId[]> {
  const { role, subject } = ctx.viewer;
  const seen = processes.get(ctx.tail) ?? new Map<string, string>();
  processes.set(ctx.tail, seen);
  const code = role === 'EXTERNAL_SYSTEM' ? subject : null;
  const lease = async (systemId: string) =>
    await (idsOnly ? leaseSystemIds : leaseSystemEntries)(ctx, { systemId, code, limit, leaseSeconds, holder: holderOf(ctx.viewer) });

  const known = code === null ? undefined : seen.get(code);
  const isAsked = publicId == null || localId('ExternalSystem', publicId) === known;
  const leased = known !== undefined && isAsked ? await lease(known) : [];
  if (leased.length > 0) return leased;
  const system = await requireSystem(ctx, publicId);
  requireEnabled(system);
  if (system.id === known) return leased;
  if (code !== null) seen.set(code, system.id);
  return await lease(system.id);
}
