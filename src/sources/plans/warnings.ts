import { loadContents } from '../../content/load.js';
import { loadTemplates } from '../../content/template.js';
import { type ContentWarning, warningsOf } from '../../content/warnings.js';
import type { Context } from '../../context.js';
import { loadExternalSystems } from '../../queue/systems.js';
import { type Plan, planMessages } from './plan.js';

/**
 * What may go wrong with the texts of a plan: by the medium's limit, and by that of the external system that the message goes
 * to. A template has told its own warnings; here only what the external system adds.
 */
export async function planWarnings(ctx: Context, { id }: Plan): Promise<ContentWarning[]> {
  const messages = await planMessages(ctx, id);
  const templates = await loadTemplates(
    ctx,
    messages.flatMap((each) => each.templateId ?? []),
  );
  const systems = await loadExternalSystems(
    ctx,
    messages.flatMap((each) => each.externalSystemId ?? []),
  );
  const contentIdOf = (place: number) => messages[place]?.contentId ?? templates.get(messages[place]?.templateId ?? '')?.contentId ?? '';
  const contents = await loadContents(
    ctx,
    messages.map((_, place) => contentIdOf(place)),
  );
  const warnings: ContentWarning[] = [];
  for (const [place, message] of messages.entries()) {
    const content = contents.get(contentIdOf(place));
    const limit = systems.get(message.externalSystemId ?? '')?.characterLimit ?? null;
    if (!content || (message.templateId !== null && limit === null)) continue;
    for (const each of await warningsOf(ctx, content, limit)) {
      if (message.contentId !== null) warnings.push({ ...each, path: ['messages', String(place), ...each.path] });
      else if (each.code === 'TOO_LONG' || each.code === 'MAY_BE_TOO_LONG')
        warnings.push({ ...each, path: ['messages', String(place), 'templateId'] });
    }
  }
  return warnings;
}
