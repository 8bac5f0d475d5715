import { Arg, Authorized, Ctx, ID, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { Context } from '../context.js';
import { NotFound } from '../errors.js';
import { localId, type NodeKind } from '../graphql/node.js';
import { progressOf } from './progress.js';
import { loadRun, type Run } from './run.js';
import { RunType } from './run.type.js';

@Resolver(() => RunType)
export class RunResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => RunType, { nullable: true, description: 'A run by its id.' })
  async run(@Ctx() ctx: Context, @Arg('id', () => ID, { description: 'Its id.' }) id: string): Promise<Run | null> {
    const row = localId('Run', id);
    return row === undefined ? null : await loadRun(ctx, row);
  }

  @Authorized('ADMIN', 'AGENT')
  @Subscription(() => RunType, {
    description:
      'The run as it is, then after each change, until it has ended. Changes that come faster than they are taken are told as one.',
    subscribe: async ({ args, context }: { args: { runId: string }; context: Context }) => {
      if (context.viewer.role !== 'ADMIN' && context.viewer.role !== 'AGENT') throw new NotFound('run');
      const id = localId('Run', args.runId);
      if (id === undefined || !(await loadRun(context, id))) throw new NotFound('run');
      return progressOf(context, id);
    },
  })
  runProgressed(@Root() run: Run, @Arg('runId', () => ID, { description: 'The run.' }) _runId: string): Run {
    return run;
  }
}

export const runNode: NodeKind = {
  type: 'Run',
  load: async (ctx, id) => (ctx.viewer.role === 'ADMIN' || ctx.viewer.role === 'AGENT' ? await loadRun(ctx, id) : null),
};
