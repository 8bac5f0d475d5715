import { Arg, Args, Authorized, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { ContactType } from '../../audience/contact.type.js';
import { loadContact } from '../../audience/load.js';
import { findObject } from '../../catalogue/object-ref.js';
import { communicationById } from '../../communications/communication.resolver.js';
import { CommunicationType } from '../../communications/communication.type.js';
import type { Context } from '../../context.js';
import { first } from '../../database/sql.js';
import { type Problem, Problems } from '../../errors.js';
import { PageArgs } from '../../graphql/connection.js';
import { localId } from '../../graphql/node.js';
import { RunPreviewType } from '../preview.type.js';
import type { Cause } from '../run.js';
import { RunType } from '../run.type.js';
import { type Explanation, explainCause, explainRule, type Outcome } from './explain.js';
import { type FunnelStep, funnelOfCause, funnelOfRun } from './funnel.js';
import { type RunRecipient, recipientsOfRun } from './recipients.js';
import { explainRun } from './recorded.js';
import type { Who } from './step.js';
import {
  ExplainedOutcomeType,
  ExplainRecipientInput,
  FunnelStepType,
  RecipientExplanationType,
  RunRecipientConnection,
  RunRecipientType,
} from './why.type.js';

@Resolver(() => ExplainedOutcomeType)
export class ExplainResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => RecipientExplanationType, {
    description:
      'Why somebody did, or did not, get something: everything that decides, in order, with what it saw. Of a run from what it wrote down; whom it did not meet is computed with the facts of now, as of its instant.',
  })
  async explainRecipient(@Ctx() ctx: Context, @Arg('input', () => ExplainRecipientInput) input: ExplainRecipientInput): Promise<unknown> {
    const problems = new Problems();
    const subject = subjectOf(input, problems);
    const who = await whoOf(ctx, input, problems);
    const target = await targetOf(ctx, subject, problems);
    problems.throwIfAny();
    if (!who || !target) throw new Error('What is missing is a problem');
    const at = input.at == null ? null : new Date(input.at);
    const explained = await explain(ctx, target, who, at);
    return { ...explained, included: explained?.outcomes.some((each) => each.included) ?? false };
  }

  @FieldResolver(() => String, { nullable: true })
  objectType(@Root() { object }: Outcome): string | null {
    return object?.type ?? null;
  }

  @FieldResolver(() => String, { nullable: true })
  externalId(@Root() { object }: Outcome): string | null {
    return object?.externalId ?? null;
  }

  @FieldResolver(() => String, { nullable: true })
  number(@Root() { object }: Outcome): string | null {
    return object?.number ?? null;
  }

  @FieldResolver(() => ContactType, { description: 'Who hears of it.' })
  async contact(@Ctx() ctx: Context, @Root() { contactId }: Outcome): Promise<unknown> {
    return await loadContact(ctx, contactId);
  }

  @FieldResolver(() => CommunicationType, {
    nullable: true,
    description: 'What a run made; null before it has come so far, and of a cause.',
  })
  async communication(@Ctx() ctx: Context, @Root() { communicationId }: Outcome): Promise<unknown> {
    return communicationId === null ? null : await communicationById(ctx, communicationId);
  }
}

@Resolver(() => RunType)
export class RunWhyResolver {
  @FieldResolver(() => [FunnelStepType], {
    description: 'How many were left after each step, as recorded with the matching; empty before it. The last is what the run generates.',
  })
  async funnel(@Ctx() ctx: Context, @Root() { id }: { id: string }): Promise<readonly FunnelStep[]> {
    return await funnelOfRun(ctx, id);
  }

  @FieldResolver(() => RunRecipientConnection, {
    description: 'Whom it met, in the order in which they are generated; those that it skipped come last, each with its reason.',
  })
  async recipients(
    @Ctx() ctx: Context,
    @Root() { id }: { id: string },
    @Args(() => PageArgs) args: PageArgs,
    @Arg('skipped', () => Boolean, { nullable: true, description: 'Only those skipped, or only the others.' }) skipped?: boolean | null,
    @Arg('reasons', () => [String], { nullable: true, description: 'Only those skipped for one of these.' }) reasons?: string[] | null,
  ): Promise<unknown> {
    return await recipientsOfRun(ctx, id, args, { skipped: skipped ?? null, reasons: reasons ?? null });
  }
}

@Resolver(() => RunPreviewType)
export class PreviewFunnelResolver {
  @FieldResolver(() => [FunnelStepType], { description: 'How many would be left after each step.' })
  async funnel(@Ctx() ctx: Context, @Root() { cause, at }: { cause: Cause; at: Date | null }): Promise<readonly FunnelStep[]> {
    return await funnelOfCause(ctx, cause, at);
  }
}

@Resolver(() => RunRecipientType)
export class RunRecipientResolver {
  @FieldResolver(() => ContactType, { description: 'The contact.' })
  async contact(@Ctx() ctx: Context, @Root() { contactId }: RunRecipient): Promise<unknown> {
    return await loadContact(ctx, contactId);
  }
}

type Subject = { kind: 'Plan' | 'NotificationType' | 'Rule' | 'Run'; id: string; path: Problem['path'] };

function subjectOf(input: ExplainRecipientInput, problems: Problems): Subject | undefined {
  const given: Subject[] = [];
  if (input.planId != null) given.push({ kind: 'Plan', id: input.planId, path: ['planId'] });
  if (input.notificationTypeId != null)
    given.push({ kind: 'NotificationType', id: input.notificationTypeId, path: ['notificationTypeId'] });
  if (input.ruleId != null) given.push({ kind: 'Rule', id: input.ruleId, path: ['ruleId'] });
  if (input.runId != null) given.push({ kind: 'Run', id: input.runId, path: ['runId'] });
  if (given.length !== 1) problems.add([], 'EXACTLY_ONE', 'Give exactly one of `planId`, `notificationTypeId`, `ruleId` and `runId`.');
  if (input.runId != null && input.at != null) problems.add(['at'], 'CONTRADICTION', 'A run has an instant of its own: leave `at` out.');
  return given[0];
}

type Target = Cause | { runId: string } | { ruleId: string };

async function explain(ctx: Context, target: Target, who: Who, at: Date | null): Promise<Explanation | null> {
  if ('runId' in target) return await explainRun(ctx, target.runId, who);
  return 'ruleId' in target ? await explainRule(ctx, target.ruleId, who, at) : await explainCause(ctx, target, who, at);
}

const tables = { Plan: 'plan', NotificationType: 'notification_type', Rule: 'rule', Run: 'run' } as const;
const words = { Plan: 'plan', NotificationType: 'notification type', Rule: 'rule', Run: 'run' } as const;

async function targetOf(ctx: Context, subject: Subject | undefined, problems: Problems): Promise<Target | undefined> {
  if (!subject) return undefined;
  const { kind, path } = subject;
  const id = localId(kind, subject.id);
  const there = id === undefined ? undefined : await first(ctx, `select 1 as there from ${tables[kind]} where id = $1`, [id]);
  if (id === undefined || !there) {
    problems.add(path, 'NOT_FOUND', `There is no such ${words[kind]}.`);
    return undefined;
  }
  if (kind === 'Run') return { runId: id };
  if (kind === 'Rule') return { ruleId: id };
  return { planId: kind === 'Plan' ? id : null, notificationTypeId: kind === 'Plan' ? null : id };
}

async function whoOf(ctx: Context, input: ExplainRecipientInput, problems: Problems): Promise<Who | undefined> {
  if (input.contactExternalId == null && input.object == null) {
    problems.add([], 'REQUIRED', 'Give `contactExternalId`, `object`, or both.');
    return undefined;
  }
  const object = input.object == null ? undefined : await findObject(ctx, input.object, problems, ['object']);
  const named = input.contactExternalId == null ? null : await contactOf(ctx, input.contactExternalId, problems);
  if (named != null) return { contactIds: [named], object: object ?? null };
  if (!object) return undefined;
  const owner = await first<{ id: string }>(ctx, 'select contact_id as id from account where id = $1', [object.accountId]);
  return { contactIds: owner && owner.id !== object.contactId ? [object.contactId, owner.id] : [object.contactId], object };
}

async function contactOf(ctx: Context, externalId: string, problems: Problems): Promise<string | null> {
  const found = await first<{ id: string }>(ctx, 'select id from contact where external_id = $1', [externalId]);
  if (!found) problems.add(['contactExternalId'], 'NOT_FOUND', `There is no contact ${JSON.stringify(externalId.slice(0, 80))}.`);
  return found?.id ?? null;
}
