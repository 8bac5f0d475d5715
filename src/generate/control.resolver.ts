import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../context.js';
import { requireLocalId } from '../graphql/node.js';
import { controlRun, deleteRun, type RunAction } from './control.js';
import {
  CancelRunInput,
  CancelRunPayload,
  DeleteRunInput,
  DeleteRunPayload,
  PauseRunInput,
  PauseRunPayload,
  ResumeRunInput,
  ResumeRunPayload,
  RetractRunInput,
  RetractRunPayload,
} from './control.type.js';
import { retractRun } from './retract.js';
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

  @Authorized('ADMIN')
  @Mutation(() => RetractRunPayload, {
    description:
      'Takes back what a run sent: it is cancelled where it is under way, what waits is REJECTED with code CANCELLED, and what stands in inboxes leaves them on every device. What has been handed over by the engine cannot be taken back.',
  })
  async retractRun(@Ctx() ctx: Context, @Arg('input', () => RetractRunInput) input: RetractRunInput): Promise<{ run: Run }> {
    return { run: await retractRun(ctx, requireLocalId('Run', input.runId, 'run')) };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeleteRunPayload, {
    description:
      'Deletes a run that has not begun, as if it had never been asked for; one that has begun is cancelled or retracted instead.',
  })
  async deleteRun(@Ctx() ctx: Context, @Arg('input', () => DeleteRunInput) input: DeleteRunInput): Promise<DeleteRunPayload> {
    await deleteRun(ctx, requireLocalId('Run', input.runId, 'run'));
    return { runId: input.runId };
  }
}

async function control(ctx: Context, publicId: string, action: RunAction): Promise<{ run: Run }> {
  return { run: await controlRun(ctx, requireLocalId('Run', publicId, 'run'), action) };
}
