import type { Medium } from '../catalogue/medium.js';
import { limitsOf } from '../content/limits.js';
import { loadContents } from '../content/load.js';
import { loadTemplates } from '../content/template.js';
import type { Context } from '../context.js';
import { type HasEntityManager, rows } from '../database/sql.js';
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

/** A message as it is kept with its cause. */
export interface KeptMessage extends CauseMessage {
  /** What is switched off is not sent. */
  enabled: boolean;
}

/** Where the messages of a kind of cause are kept: a row for each medium. */
export type MessageTable = 'plan_message' | 'rule_message';

const owners: Record<MessageTable, string> = { plan_message: 'plan_id', rule_message: 'rule_id' };

/** What each of these causes says, one for each medium, in their order; all of them in one statement, for a loader. */
export async function readMessages(ctx: HasEntityManager, table: MessageTable, ownerIds: readonly string[]): Promise<KeptMessage[][]> {
  const found = await rows<KeptMessage & { ownerId: string }>(
    ctx,
    `select ${owners[table]} as "ownerId", medium, template_id as "templateId", content_id as "contentId", external_system_id as "externalSystemId",
       category_id as "categoryId", address_type as "addressType", enabled
     from ${table} where ${owners[table]} = any($1::uuid[]) order by 1, place`,
    [ownerIds],
  );
  const byOwner = Map.groupBy(found, (each) => each.ownerId);
  return ownerIds.map((id) => (byOwner.get(id) ?? []).map(({ ownerId: _, ...message }) => message));
}

/** The messages of a cause in place of those that it had. */
export async function writeMessages(ctx: Context, table: MessageTable, ownerId: string, messages: readonly KeptMessage[]): Promise<void> {
  await rows(ctx, `delete from ${table} where ${owners[table]} = $1`, [ownerId]);
  await rows(
    ctx,
    `insert into ${table} (${owners[table]}, place, medium, template_id, content_id, external_system_id, category_id, address_type, enabled)
     select $1, m.place, m.medium, m.template_id, m.content_id, m.external_system_id, m.category_id, m.address_type, m.enabled
     from unnest($2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::boolean[])
       with ordinality as m (medium, template_id, content_id, external_system_id, category_id, address_type, enabled, place)`,
    [
      ownerId,
      messages.map((each) => each.medium),
      messages.map((each) => each.templateId),
      messages.map((each) => each.contentId),
      messages.map((each) => each.externalSystemId),
      messages.map((each) => each.categoryId),
      messages.map((each) => each.addressType),
      messages.map((each) => each.enabled),
    ],
  );
}
