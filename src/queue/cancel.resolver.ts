import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import { type CommunicationRow, loadCommunications } from '../communications/row.js';
import type { Context } from '../context.js';
import { NotFound, Problems } from '../errors.js';
import { requireLocalId } from '../graphql/node.js';
import { cancelCommunication } from './cancel.js';
import { CancelCommunicationInput, CancelCommunicationPayload } from './cancel.type.js';

const mostCharacters = 500;

@Resolver()
export class CancelResolver {
  @Authorized('ADMIN', 'AGENT')
  @Mutation(() => CancelCommunicationPayload, {
    description:
      'Calls one back: what waits is REJECTED with the code CANCELLED; what was handed to an inbox leaves it on every device (REMOVED) and keeps its state.',
  })
  async cancelCommunication(
    @Ctx() ctx: Context,
    @Arg('input', () => CancelCommunicationInput) input: CancelCommunicationInput,
  ): Promise<{ communication: CommunicationRow }> {
    const reason = input.reason?.trim() || null;
    const problems = new Problems();
    if (reason !== null && reason.length > mostCharacters)
      problems.add(['reason'], 'TOO_LONG', `A reason has at most ${mostCharacters} characters.`);
    problems.throwIfAny();
    const id = requireLocalId('Communication', input.communicationId, 'communication');
    await cancelCommunication(ctx, id, reason);
    const [communication] = await loadCommunications(ctx, [id]);
    if (!communication) throw new NotFound('communication');
    return { communication };
  }
}
