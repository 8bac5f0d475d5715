import { contentOf } from '../../communications/rendered.js';
import { loadCommunications } from '../../communications/row.js';
import type { GivenText } from '../../content/compile.js';
import type { Template } from '../../content/template.js';
import { createTemplate } from '../../content/template-write.js';
import type { Context } from '../../context.js';
import { NotFound } from '../../errors.js';
import { publicId, requireLocalId } from '../../graphql/node.js';
import type { SaveCommunicationAsTemplateInput } from './manual-template.type.js';

/**
 * What somebody wrote to one contact, kept for others (T10): its texts with their tags, its medium, category and the type of
 * record that it is about. Checked as any other template is.
 */
export async function saveCommunicationAsTemplate(ctx: Context, input: SaveCommunicationAsTemplateInput): Promise<Template> {
  const [row] = await loadCommunications(ctx, [requireLocalId('Communication', input.communicationId, 'communication')]);
  if (!row) throw new NotFound('communication');
  const { sources, objectType } = await contentOf(ctx, row);
  const [only] = sources;
  const given = sources.length === 1 && only && input.language != null ? [{ ...only, language: input.language }] : sources;
  const content: GivenText[] = [...given, ...(input.content ?? [])];
  return await createTemplate(ctx, {
    name: input.name,
    code: input.code ?? null,
    state: input.state ?? 'EFFECTIVE',
    medium: row.medium,
    direction: row.direction,
    objectType,
    content,
    categoryId: row.categoryId && publicId('Category', row.categoryId),
  });
}
