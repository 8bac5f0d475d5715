import type { Medium } from '../catalogue/medium.js';
import { limitsOf } from '../content/limits.js';
import { loadContents } from '../content/load.js';
import { loadTemplates } from '../content/template.js';
import type { Context } from '../context.js';
import { Invalid } from '../errors.js';
import { loadExternalSystems } from '../queue/systems.js';
import { readSettings } from '../settings/settings.js';
import { lifetimeEnd } from './insert.js';
import type { RunMessage } from './run.js';

/** What a cause says through one medium, as its author left it: a template or a content of its own. */
export interface CauseMessage {
  medium: Medium;
  templateId: string | null;
  contentId: string | null;
  externalSystemId: string | null;
  categoryId: string | null;
  addressType: string | null;
}

/**
 * What a run sends, frozen: templates count with the content that they have now. `expiresAt` is the end that the cause gives;
 * without one the medium's lifetime counts from now. Throws Invalid at `path` where a template is not effective any more.
 */
export async function freezeMessages(
  ctx: Context,
  messages: readonly CauseMessage[],
  { expiresAt, path }: { expiresAt: Date | null; path: string[] },
): Promise<RunMessage[]> {
  const templates = await loadTemplates(
    ctx,
    messages.flatMap((each) => each.templateId ?? []),
  );
  const systems = await loadExternalSystems(
    ctx,
    messages.flatMap((each) => each.externalSystemId ?? []),
  );
  const contentIdOf = (message: CauseMessage) => message.contentId ?? templates.get(message.templateId ?? '')?.contentId ?? '';
  const contents = await loadContents(ctx, [...new Set(messages.map(contentIdOf))]);
  const settings = await readSettings(ctx);
  const frozen: RunMessage[] = [];
  for (const message of messages) {
    const template = templates.get(message.templateId ?? '');
    const content = contents.get(contentIdOf(message));
    if (!content) throw new Error(`The content for ${message.medium} is missing`);
    if (message.templateId !== null && !template?.effective) {
      throw new Invalid([{ path, code: 'CANNOT_RUN', message: `The template for ${message.medium} is not effective.` }]);
    }
    const system = systems.get(message.externalSystemId ?? '');
    const limits = limitsOf(settings, message.medium, system?.characterLimit ?? null);
    frozen.push({
      medium: message.medium,
      contentId: content.id,
      languages: content.languages,
      defaultLanguage: content.defaultLanguage,
      externalSystemId: message.externalSystemId,
      categoryId: message.categoryId ?? template?.categoryId ?? null,
      addressType: message.addressType,
      needsAddress: message.addressType !== null || (message.medium !== 'DEVICE' && !system?.contactInbox),
      characterLimit: limits.characters,
      segmentLimit: limits.segments,
      expiresAt: expiresAt ?? (await lifetimeEnd(ctx, message.medium)),
    });
  }
  return frozen;
}
