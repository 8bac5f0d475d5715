import { Arg, Authorized, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { ContactType } from '../audience/contact.type.js';
import { loadContacts } from '../audience/load.js';
import { RenderedContentType } from '../content/preview.type.js';
import type { Context } from '../context.js';
import { first } from '../database/sql.js';
import { Problems } from '../errors.js';
import { localId } from '../graphql/node.js';
import { type MessagePreview, previewRun, type Sample } from './preview.js';
import { PreviewRunInput, RunPreviewSampleType, RunPreviewType } from './preview.type.js';
import type { Cause } from './run.js';

const defaultSamples = 3;
const mostSamples = 20;

@Resolver(() => RunPreviewSampleType)
export class RunPreviewResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => RunPreviewType, {
    description:
      'Whom a run would reach and whom it would skip, and what some of them would get; by the pipeline of a real run, nothing stored.',
  })
  async previewRun(@Ctx() ctx: Context, @Arg('input', () => PreviewRunInput) input: PreviewRunInput): Promise<RunPreviewType> {
    const problems = new Problems();
    const samples = input.samples ?? defaultSamples;
    if (samples < 0 || samples > mostSamples)
      problems.add(['samples'], 'OUT_OF_RANGE', `${samples} is out of range: 0 to ${mostSamples} recipients are rendered.`);
    const cause = await causeOf(ctx, input, problems);
    problems.throwIfAny();
    const at = input.at == null ? null : new Date(input.at);
    // The funnel is counted where it is asked for (why/).
    return { ...shown(await previewRun(ctx, cause, { at, samples })), cause, at } as RunPreviewType;
  }

  @FieldResolver(() => ContactType, { description: 'Who would get it.' })
  async contact(@Ctx() ctx: Context, @Root() { contactId }: Sample): Promise<unknown> {
    return (await loadContacts(ctx, [contactId]))[0];
  }

  @FieldResolver(() => RenderedContentType)
  content(@Root() sample: Sample): Sample {
    return sample;
  }
}

async function causeOf(ctx: Context, input: PreviewRunInput, problems: Problems): Promise<Cause> {
  const cause: Cause = { planId: null, notificationTypeId: null };
  if ((input.planId == null) === (input.notificationTypeId == null))
    problems.add([], 'EXACTLY_ONE', 'Give exactly one of `planId` and `notificationTypeId`.');
  if (input.planId != null) {
    cause.planId = await existing(ctx, 'Plan', 'plan', input.planId);
    if (cause.planId === null) problems.add(['planId'], 'NOT_FOUND', 'There is no such plan.');
  }
  if (input.notificationTypeId != null) {
    cause.notificationTypeId = await existing(ctx, 'NotificationType', 'notification_type', input.notificationTypeId);
    if (cause.notificationTypeId === null) problems.add(['notificationTypeId'], 'NOT_FOUND', 'There is no such notification type.');
  }
  return cause;
}

async function existing(ctx: Context, type: string, table: string, publicId: string): Promise<string | null> {
  const id = localId(type, publicId);
  if (id === undefined) return null;
  // The table may belong to a release that knows no such cause yet.
  const there = await first<{ there: boolean }>(ctx, 'select to_regclass($1) is not null as there', [table]);
  if (!there?.there) return null;
  return (await first<{ id: string }>(ctx, `select id from ${table} where id = $1`, [id]))?.id ?? null;
}

function shown(previews: readonly MessagePreview[]): RunPreviewType {
  const list = (skipped: Record<string, number>) =>
    Object.entries(skipped)
      .map(([reason, count]) => ({ reason, count }))
      .toSorted((a, b) => (a.reason < b.reason ? -1 : 1));
  const all: Record<string, number> = {};
  for (const { skipped } of previews) for (const [reason, count] of Object.entries(skipped)) all[reason] = (all[reason] ?? 0) + count;
  const sum = (pick: (each: MessagePreview) => number) => previews.reduce((total, each) => total + pick(each), 0);
  return {
    matched: sum((each) => each.total),
    generated: sum((each) => each.eligible),
    skipped: list(all),
    messages: previews.map(({ message, total, eligible, skipped, samples }) => ({
      medium: message.medium,
      matched: total,
      generated: eligible,
      skipped: list(skipped),
      samples,
    })),
  };
}
