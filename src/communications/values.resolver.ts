import { Authorized, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { ParameterType } from '../content/parameter.type.js';
import type { Context } from '../context.js';
import { CommunicationType } from './communication.type.js';
import { contentOf, renderedOf } from './rendered.js';
import type { CommunicationRow } from './row.js';

/** The values that a communication carries, for those who write it. */
@Resolver(() => CommunicationType)
export class CommunicationValuesResolver {
  @Authorized('ADMIN', 'AGENT')
  @FieldResolver(() => [ParameterType], { description: 'The unrestricted tags of its texts, with the values given (C32).' })
  async parameters(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<ParameterType[]> {
    const { tags } = await contentOf(ctx, row);
    const found = new Map<string, ParameterType>();
    for (const [place, tag] of tags.entries()) {
      const [head, name = ''] = tag.split('.');
      const value = row.tagValues[place];
      // #param.gift and #param.Gift are one.
      if (head === 'param' && !found.has(name.toLowerCase()))
        found.set(name.toLowerCase(), { name, value: typeof value === 'string' ? value : null });
    }
    return [...found.values()];
  }

  @Authorized('ADMIN', 'AGENT')
  @FieldResolver(() => [String], { description: 'Tags of its text that have no value, and so show nothing (AMB-23).' })
  async unresolvedTags(@Ctx() ctx: Context, @Root() row: CommunicationRow): Promise<string[]> {
    return (await renderedOf(ctx, row)).unresolvedTags;
  }
}
