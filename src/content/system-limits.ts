import type { Medium } from '../catalogue/medium.js';
import { type HasEntityManager, rows } from '../database/sql.js';
import type { Settings } from '../settings/settings.js';
import { type Limits, limitsOf } from './limits.js';

/** What an external system takes of a medium, by its own limit and the medium's. */
export interface SystemLimits {
  readonly name: string;
  readonly limits: Limits;
}

/**
 * The external systems that a text of this medium may be handed to and that take less than the medium itself does, by name.
 * Systems belong to the queue, which imports this stage; what is asked of them here is one column.
 */
export async function narrowerSystems(ctx: HasEntityManager, settings: Settings, medium: Medium): Promise<SystemLimits[]> {
  const found = await rows<{ name: string; characterLimit: number }>(
    ctx,
    `select name, character_limit as "characterLimit" from external_system
     where enabled and $1 = any(media) and character_limit is not null order by character_limit, name`,
    [medium],
  );
  const { characters } = limitsOf(settings, medium, null);
  return found
    .filter(({ characterLimit }) => characters === null || characterLimit < characters)
    .map(({ name, characterLimit }) => ({ name, limits: limitsOf(settings, medium, characterLimit) }));
}
