import { Authorized, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { TrackingFiguresType } from '../communications/tracking.type.js';
import { figuresOf, type TrackingFigures } from '../communications/tracking-figures.js';
import type { Context } from '../context.js';
import type { Run } from './run.js';
import { RunType } from './run.type.js';

@Resolver(() => RunType)
export class RunTrackingResolver {
  @Authorized('ADMIN', 'AGENT')
  @FieldResolver(() => TrackingFiguresType, { description: 'What its readers did with what it sent.' })
  async tracking(@Ctx() ctx: Context, @Root() run: Run): Promise<TrackingFigures> {
    return await ctx.loader<string, TrackingFigures>('run.tracking', figuresOf('id')).load(run.id);
  }
}
