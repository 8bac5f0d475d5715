import { takeTurns } from '../database/lock.js';
import type { HasEntityManager } from '../database/sql.js';

/**
 * Whoever changes a draft, or puts something beside it, does so alone until the transaction ends: a draft is written anew under
 * its old id, and a row lock is lost with the row. Called before anything of it is read.
 */
export async function holdDraft(ctx: HasEntityManager, communicationId: string): Promise<void> {
  await takeTurns(ctx, `draft.${communicationId}`);
}
