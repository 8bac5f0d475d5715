import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../context.js';
import { requireLocalId } from '../graphql/node.js';
import { controlRun, type RunAction } from './control.js';
import { CancelRunInput, CancelRunPayload, PauseRunInput, PauseRunPayload, ResumeRunInput, ResumeRunPayload } from './control.type.js';
import type { Run } from './run.js';
import { RunType } from './run.type.js';

@Resolver(() => RunType)
export class RunControlResolver {
  @Authorized('ADMIN')
  @Mutation(() => PauseRunPayload, {
    description: 'Holds a run: no further communication is generated until it is resumed. Those that are there go on to be delivered.',
  })
  async pauseRun(@Ctx() ctx: Context, @Arg('input', () => PauseRunInput) input: PauseRunInput): Promise<{ run: Run }> {
    return await control(ctx, input.runId, 'pause');
  }

  @Authorized('ADMIN')
  @Mutation(() => ResumeRunPayload, { description: 'Lets a paused run go on where it was; it repeats nobody and skips nobody.' })
  async resumeRun(@Ctx() ctx: Context, @Arg('input', () => ResumeRunInput) input: ResumeRunInput): Promise<{ run: Run }> {
    return await control(ctx, input.runId, 'resume');
  }

  @Authorized('ADMIN')
  @Mutation(() => CancelRunPayload, {
    description:
      'Ends a run for good: whom it has not reached is skipped with the reason CANCELLED. Communications that are there go on to be delivered.',
  })
  async cancelRun(@Ctx() ctx: Context, @Arg('input', () => CancelRunInput) input: CancelRunInput): Promise<{ run: Run }> {
    return await control(ctx, input.runId, 'cancel');
  }
}

async function control(ctx: Context, publicId: string, action: RunAction): Promise<{ run: Run }> {
  return { run: await controlRun(ctx, requireLocalId('Run', publicId, 'run'), action) };
}
