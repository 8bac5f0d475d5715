import { characterCount, smsSegments } from '../content/length.js';
import { isTooLong } from '../content/limits.js';
import { frameOf } from '../content/links/frame.js';
import { previewLinks } from '../content/links/maker.js';
import { loadContents } from '../content/load.js';
import { type Rendered, render } from '../content/render.js';
import type { Context } from '../context.js';
import { databaseNow } from '../database/clock.js';
import { rows } from '../database/sql.js';
import { valuesSql } from './insert.js';
import { countMatches, decidedSql, type Matched } from './match.js';
import { rehearseNotifications, takenBack } from './rehearse-notify.js';
import type { Cause, RunMessage } from './run.js';
import { type Prepared, sourceOf } from './source.js';
import { asOf } from './why/as-of.js';

export interface PreviewOptions {
  /** When it would run; default now. */
  at: Date | null;
  /** Recipients rendered for each message. */
  samples: number;
}

/** What one recipient would get. */
export interface Sample extends Rendered {
  contactId: string;
  language: string;
  address: string | null;
  /** It would be created REJECTED TOO_LONG. */
  tooLong: boolean;
  characterCount: number;
  smsSegments: number | null;
}

export interface MessagePreview extends Matched {
  message: RunMessage;
  samples: Sample[];
}

/** What a run of that cause would do, by the pipeline of a real run; nothing is stored (XU8). */
export async function previewRun(ctx: Context, cause: Cause, { at, samples }: PreviewOptions): Promise<MessagePreview[]> {
  return await asOf(ctx, at, async (inside) => {
    const work = async (within: Context) => await previewAt(within, cause, at ?? (await databaseNow(ctx)), samples);
    return sourceOf(cause).notify && samples > 0 ? await takenBack(inside, work) : await work(inside);
  });
}

async function previewAt(ctx: Context, cause: Cause, scheduledFor: Date, samples: number): Promise<MessagePreview[]> {
  const run = {
    ...cause,
    id: '',
    state: 'SCHEDULED' as const,
    messages: null,
    settings: null,
    scheduledFor,
    rehearsed: true,
  };
  const source = sourceOf(cause);
  const prepared = await source.prepare(ctx, run);
  const { notify } = source;
  const previews: MessagePreview[] = [];
  for (const message of prepared.messages) {
    const matched = await countMatches(ctx, prepared.recipients, message, prepared.settings);
    const notified = notify && samples > 0 && (await rehearseNotifications(ctx, prepared, message, { run, notify, count: samples }));
    previews.push({ ...matched, message, samples: samples === 0 ? [] : await samplesOf(ctx, prepared, message, samples, notified) });
  }
  return previews;
}

interface Picked {
  contactId: string;
  language: string;
  address: string | null;
  values: unknown[];
  zoneOffset: number;
}

async function samplesOf(
  ctx: Context,
  { recipients, settings }: Prepared,
  message: RunMessage,
  count: number,
  notified: ((parameters: unknown[]) => string) | undefined | false,
): Promise<Sample[]> {
  const content = (await loadContents(ctx, [message.contentId])).get(message.contentId);
  if (!content) throw new Error(`Content ${message.contentId} is missing`);
  const parameters: unknown[] = [];
  const firstMet = () => {
    const met = decidedSql(recipients.sql(parameters), message, settings, parameters);
    return `select m.* from (${met}) m where m.reason is null order by m.contact_id, m.account_id, m.object_id limit $${parameters.push(count)}`;
  };
  const picked = `(${notified ? notified(parameters) : firstMet()})`;
  const carries = notified ? { carries: { notification: true } } : {};
  const batch = { content, objectType: settings.objectType, expiresAt: message.expiresAt, ...carries };
  const { from, values, zone } = await valuesSql(ctx, batch, picked, parameters);
  const found = await rows<Picked>(
    ctx,
    `select p.contact_id as "contactId", p.language, p.address, ${values} as values, ${zone} as "zoneOffset" from ${from} order by p.contact_id`,
    parameters,
  );
  const frame = await frameOf(ctx, content, content.medium, settings);
  const limits = { characters: message.characterLimit, segments: message.segmentLimit ?? null };
  return found.map(({ contactId, language, address, values: frozen, zoneOffset }) => {
    const rendered = render(content, language, frozen, { zoneOffset, links: previewLinks(frame, contactId, ctx.secrets.link) });
    return {
      ...rendered,
      contactId,
      language,
      address,
      tooLong: isTooLong(rendered.text, limits),
      characterCount: characterCount(rendered.text),
      smsSegments: message.medium === 'SMS' ? smsSegments(rendered.text) : null,
    };
  });
}
