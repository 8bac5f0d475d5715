import { Arg, Authorized, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.js';
import { Conflict, Invalid } from '../errors.js';
import { writeSettings } from '../settings/settings.js';
import { followDynamicLink, type LinkProblem, type OpenedLink, openDynamicLink } from './dynamic-link.js';
import {
  DynamicLinkDetailsType,
  FollowDynamicLinkInput,
  FollowDynamicLinkPayload,
  RotateLinkKeyInput,
  RotateLinkKeyPayload,
} from './dynamic-link.type.js';

@Resolver()
export class DynamicLinkResolver {
  @Authorized('ADMIN', 'AGENT', 'EXTERNAL_SYSTEM')
  @Query(() => DynamicLinkDetailsType, {
    nullable: true,
    description: 'What a dynamic link would do; null where it is not ours, was changed or has expired. Changes nothing.',
  })
  async dynamicLink(
    @Ctx() ctx: Context,
    @Arg('token', () => String, { description: 'The token of its address.' }) token: string,
  ): Promise<DynamicLinkDetailsType | null> {
    const opened = await openDynamicLink(ctx, token);
    return typeof opened === 'string' ? null : detailsOf(opened);
  }

  @Authorized('ADMIN', 'AGENT', 'EXTERNAL_SYSTEM')
  @Mutation(() => FollowDynamicLinkPayload, {
    description:
      'Does what a dynamic link says, once its reader has confirmed it on a page of your own (`customUrl` of the settings). The token is the permission: it names one contact and one action. Again changes nothing.',
  })
  async followDynamicLink(
    @Ctx() ctx: Context,
    @Arg('input', () => FollowDynamicLinkInput) { token }: FollowDynamicLinkInput,
  ): Promise<FollowDynamicLinkPayload> {
    const { role, subject } = ctx.viewer;
    const evidence = { via: 'API', caller: `${role} ${subject}`, remoteAddress: null, userAgent: null } as const;
    const followed = await followDynamicLink(ctx, token, evidence);
    if (typeof followed === 'string') throw new Invalid([{ path: ['token'], code: followed, message: problemWords[followed] }]);
    return { link: detailsOf(followed), changed: followed.changed };
  }

  @Authorized('ADMIN')
  @Mutation(() => RotateLinkKeyPayload, {
    description: 'Signs links with a new key from now on. What was sent keeps its links; they go on working unless you refuse them.',
  })
  async rotateLinkKey(
    @Ctx() ctx: Context,
    @Arg('input', () => RotateLinkKeyInput) { refuseOlder }: RotateLinkKeyInput,
  ): Promise<RotateLinkKeyPayload> {
    const { linkKeys } = await writeSettings(ctx, ({ linkKeys: { current, oldest } }) => {
      if (current >= mostKeys) throw new Conflict(`There were ${mostKeys} keys: no more fit into a link.`);
      return { linkKeys: { current: current + 1, oldest: refuseOlder ? current + 1 : oldest } };
    });
    return { keyId: linkKeys.current, oldestKeyId: linkKeys.oldest };
  }
}

const mostKeys = 255;

const problemWords: Readonly<Record<LinkProblem, string>> = {
  INVALID: 'This is no link of ours, or it was changed on the way: give the token exactly as it stands in the address.',
  EXPIRED: 'The link has expired.',
  GONE: 'The contact or the service request of the link is not there any more.',
  PREVIEW: 'The link stands in a preview or a test: following it does nothing.',
};

function detailsOf({ token, contact, request, redirectUrl }: OpenedLink): DynamicLinkDetailsType {
  const { number, response } = request ?? { number: null, response: null };
  return { action: token.action, contactExternalId: contact.externalId, serviceRequestNumber: number, response, redirectUrl };
}
