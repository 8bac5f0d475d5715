import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { ObjectRefInput } from '../catalogue/object-ref.js';
import { CommunicationType } from '../communications/communication.type.js';
import type { CommunicationRow } from '../communications/row.js';
import { ParameterInput } from '../content/content.input.js';
import type { Template } from '../content/template.js';
import { TemplateType } from '../content/template.type.js';
import type { Context } from '../context.js';
import { publicId } from '../graphql/node.js';
import { LocaleScalar } from '../graphql/scalars.js';
import { printed } from './document.js';
import { type Printed, printLink } from './link.js';

const words = 'A path on this server, good for ten minutes; add `&format=pdf` for a PDF, where the server has a browser to make it.';

@Resolver(() => CommunicationType)
export class PrintCommunicationResolver {
  @FieldResolver(() => String, { nullable: true, description: `Where it is shown for paper. ${words} Null for who does not work here.` })
  async printUrl(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<string | null> {
    if (ctx.viewer.role !== 'ADMIN' && ctx.viewer.role !== 'AGENT') return null;
    return await printLink(ctx, { kind: 'COMMUNICATION', id: publicId('Communication', row.id) });
  }
}

@Resolver(() => TemplateType)
export class PrintTemplateResolver {
  @FieldResolver(() => String, { nullable: true, description: `Where it is shown for paper as one contact would get it. ${words}` })
  async printUrl(
    @Ctx() ctx: Context,
    @Root() template: Template,
    @Arg('contactExternalId', () => String, { description: 'For whom.' }) contactExternalId: string,
    @Arg('object', () => ObjectRefInput, { nullable: true, description: 'What it is about.' }) object?: ObjectRefInput | null,
    @Arg('language', () => LocaleScalar, { nullable: true, description: "Default: the contact's preferred language." }) language?:
      | string
      | null,
    @Arg('parameters', () => [ParameterInput], { nullable: true, description: 'Values for unrestricted tags.' })
    parameters?: ParameterInput[] | null,
  ): Promise<string> {
    const about = object && { type: object.type, externalId: object.externalId };
    const values = parameters?.map(({ name, value }) => ({ name, value })) ?? null;
    const id = publicId('Template', template.id);
    const what: Printed = {
      kind: 'TEMPLATE',
      id,
      contactExternalId,
      object: about ?? null,
      language: language ?? null,
      parameters: values,
    };
    // What is wrong is said here, where it can be mended, and not by the page.
    await printed(ctx, what);
    return await printLink(ctx, what);
  }
}
