import { Arg, Authorized, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { CommunicationRow } from '../../communications/row.js';
import { contentOfTemplate, type Template } from '../../content/template.js';
import { ContentWarningType } from '../../content/template.type.js';
import { type ContentWarning, warningsOf } from '../../content/warnings.js';
import type { Context } from '../../context.js';
import { CreateCommunicationPayload, FollowUpCommunicationPayload, UpdateCommunicationPayload } from './manual.type.js';
import { SaveCommunicationAsTemplateInput, SaveCommunicationAsTemplatePayload } from './manual-template.type.js';
import { saveCommunicationAsTemplate } from './save-as-template.js';
import { communicationWarnings } from './warnings.js';

/** What is written by hand, kept as a template (T10). */
@Resolver(() => SaveCommunicationAsTemplatePayload)
export class ManualTemplateResolver {
  @Authorized('ADMIN')
  @Mutation(() => SaveCommunicationAsTemplatePayload, { description: 'Keeps what somebody wrote to one contact as a template.' })
  async saveCommunicationAsTemplate(
    @Ctx() ctx: Context,
    @Arg('input', () => SaveCommunicationAsTemplateInput) input: SaveCommunicationAsTemplateInput,
  ): Promise<{ template: Template }> {
    return { template: await saveCommunicationAsTemplate(ctx, input) };
  }

  @FieldResolver(() => [ContentWarningType])
  async warnings(@Ctx() ctx: Context, @Root() { template }: { template: Template }): Promise<ContentWarning[]> {
    return await warningsOf(ctx, await contentOfTemplate(ctx, template));
  }
}

interface Answer {
  communication: CommunicationRow;
}
const words = 'What may be wrong with what was written; it is kept all the same.';

/** What may be wrong with a text to one contact, after each of the mutations that write one. */
@Resolver(() => CreateCommunicationPayload)
export class CreateCommunicationWarningsResolver {
  @FieldResolver(() => [ContentWarningType], { description: words })
  async warnings(@Ctx() ctx: Context, @Root() { communication }: Answer): Promise<ContentWarning[]> {
    return await communicationWarnings(ctx, communication);
  }
}

@Resolver(() => UpdateCommunicationPayload)
export class UpdateCommunicationWarningsResolver {
  @FieldResolver(() => [ContentWarningType], { description: words })
  async warnings(@Ctx() ctx: Context, @Root() { communication }: Answer): Promise<ContentWarning[]> {
    return await communicationWarnings(ctx, communication);
  }
}

@Resolver(() => FollowUpCommunicationPayload)
export class FollowUpCommunicationWarningsResolver {
  @FieldResolver(() => [ContentWarningType], { description: words })
  async warnings(@Ctx() ctx: Context, @Root() { communication }: Answer): Promise<ContentWarning[]> {
    return await communicationWarnings(ctx, communication);
  }
}
