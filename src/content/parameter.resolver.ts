import { Arg, Authorized, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../context.js';
import { Problems } from '../errors.js';
import { localId } from '../graphql/node.js';
import { loadContents } from './load.js';
import { TemplateParametersInput } from './parameter.type.js';
import { parametersIn } from './parameters.js';
import { contentOfTemplate, loadTemplates, type Template } from './template.js';
import { TemplateType } from './template.type.js';

/** Which values somebody has to give before a text says everything (U4, U5). */
@Resolver(() => TemplateType)
export class ParameterResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => [String], {
    description: 'The names of the unrestricted tags, #param.NAME, in a template or in texts that are not saved, each once.',
  })
  async templateParameters(
    @Ctx() ctx: Context,
    @Arg('input', () => TemplateParametersInput, { description: 'The text.' }) input: TemplateParametersInput,
  ): Promise<string[]> {
    const problems = new Problems();
    if ((input.templateId == null) === (input.content == null)) problems.add([], 'EXACTLY_ONE', 'Give either `templateId` or `content`.');
    problems.throwIfAny();
    if (input.content != null) return parametersIn(input.content);
    const id = localId('Template', input.templateId ?? '');
    const template = id === undefined ? undefined : (await loadTemplates(ctx, [id])).get(id);
    if (!template) problems.add(['templateId'], 'NOT_FOUND', 'There is no such template.');
    problems.throwIfAny();
    return parametersIn((await loadContents(ctx, [template?.contentId ?? ''])).get(template?.contentId ?? '')?.sources ?? []);
  }

  @FieldResolver(() => [String], { description: 'The names of its unrestricted tags, #param.NAME, each once.' })
  async parameters(@Ctx() ctx: Context, @Root() template: Template): Promise<string[]> {
    return parametersIn((await contentOfTemplate(ctx, template)).sources);
  }
}
