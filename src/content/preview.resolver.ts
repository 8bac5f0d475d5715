import { Arg, Authorized, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.js';
import { previewContent } from './preview.js';
import { PreviewContentInput, RenderedContentType } from './preview.type.js';

@Resolver()
export class PreviewResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => RenderedContentType, { description: 'What a contact would get: rendered exactly as a send would, nothing stored or sent.' })
  async previewContent(
    @Ctx() ctx: Context,
    @Arg('input', () => PreviewContentInput) input: PreviewContentInput,
  ): Promise<RenderedContentType> {
    return await previewContent(ctx, input);
  }
}
