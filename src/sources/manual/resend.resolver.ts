import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { CommunicationRow } from '../../communications/row.js';
import type { Context } from '../../context.js';
import { RetryCommunicationInput, RetryCommunicationPayload, SendTestInput, SendTestPayload } from './resend.type.js';
import { retryCommunication } from './retry.js';
import { sendTest } from './send-test.js';

@Resolver()
export class ResendResolver {
  @Authorized('ADMIN', 'AGENT')
  @Mutation(() => RetryCommunicationPayload, {
    description: 'Tries a rejected communication again, as a new one with the same text. Each is tried again once; then the new one is.',
  })
  async retryCommunication(
    @Ctx() ctx: Context,
    @Arg('input', () => RetryCommunicationInput) input: RetryCommunicationInput,
  ): Promise<{ communication: CommunicationRow }> {
    return { communication: await retryCommunication(ctx, input) };
  }

  @Authorized('ADMIN')
  @Mutation(() => SendTestPayload, {
    description: 'Sends a text to an address of your own exactly as previewContent shows it, on the way that every message takes.',
  })
  async sendTest(
    @Ctx() ctx: Context,
    @Arg('input', () => SendTestInput) input: SendTestInput,
  ): Promise<{ communication: CommunicationRow }> {
    return { communication: await sendTest(ctx, input) };
  }
}
