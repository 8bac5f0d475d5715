import { contentOf, renderedOf } from '../../communications/rendered.js';
import type { CommunicationRow } from '../../communications/row.js';
import { characterCount, smsSegments } from '../../content/length.js';
import { lex } from '../../content/lex.js';
import { isTooLong, limitsOf, limitWords } from '../../content/limits.js';
import type { ContentWarning } from '../../content/warnings.js';
import type { Context } from '../../context.js';
import { loadExternalSystems } from '../../queue/systems.js';
import { readSettings } from '../../settings/settings.js';

/**
 * What may be wrong with what somebody wrote to one contact (XU7). The values are known, so nothing is guessed: tags that show
 * nothing are named with their place, and a text that is longer than its medium and its external system take is measured.
 */
export async function communicationWarnings(ctx: Context, row: CommunicationRow): Promise<ContentWarning[]> {
  if (row.direction === 'INCOMING') return [];
  return [...(await tooLong(ctx, row)), ...(await unresolvedTags(ctx, row))];
}

async function tooLong(ctx: Context, row: CommunicationRow): Promise<ContentWarning[]> {
  const system =
    row.externalSystemId === null ? undefined : (await loadExternalSystems(ctx, [row.externalSystemId])).get(row.externalSystemId);
  const limits = limitsOf(await readSettings(ctx), row.medium, system?.characterLimit ?? null);
  const { text } = await renderedOf(ctx, row);
  if (!isTooLong(text, limits)) return [];
  const size = `${characterCount(text)} characters${row.medium === 'SMS' ? ` (${smsSegments(text)} SMS)` : ''}`;
  const message = `The text has ${size}; ${limitWords(limits)} are allowed, so it is rejected when it is sent.`;
  return [{ path: ['body'], code: 'TOO_LONG', message, language: row.language, offset: null, length: null }];
}

async function unresolvedTags(ctx: Context, row: CommunicationRow): Promise<ContentWarning[]> {
  const missing = new Set((await renderedOf(ctx, row)).unresolvedTags);
  const { sources } = await contentOf(ctx, row);
  const source = sources.find((each) => each.language === row.language) ?? sources[0];
  if (!source || missing.size === 0) return [];
  const fields = [
    { name: 'subject', text: source.subject ?? '', syntax: 'TEXT' },
    { name: 'body', text: source.body, syntax: source.format === 'TEXT' ? 'TEXT' : 'HTML' },
  ] as const;
  return fields.flatMap(({ name, text, syntax }) =>
    lex(text, syntax).tokens.flatMap((token): ContentWarning[] => {
      if (typeof token === 'string' || !missing.has(token.path.name)) return [];
      const why = token.path.type.open ? 'give it among the parameters' : 'the contact has none';
      const message = `#${token.path.name} has no value, and shows nothing: ${why}.`;
      const { language } = row;
      return [{ path: [name], code: 'UNRESOLVED_TAG', message, language, offset: token.from, length: token.to - token.from }];
    }),
  );
}
