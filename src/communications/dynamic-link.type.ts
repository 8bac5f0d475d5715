import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { DynamicLinkAction } from '../settings/dynamic-links.js';

@ObjectType('DynamicLinkDetails', { simpleResolvers: true, description: 'What a dynamic link would do: for a page of your own.' })
export class DynamicLinkDetailsType {
  @Field(() => DynamicLinkAction, { description: 'What following it does.' })
  action!: DynamicLinkAction;

  @Field(() => String, { description: "The CRM's id of the contact whose data it changes." })
  contactExternalId!: string;

  @Field(() => String, { nullable: true, description: 'The number of the service request that it is about.' })
  serviceRequestNumber?: string | null;

  @Field(() => String, { nullable: true, description: 'The response to that service request, as it is now.' })
  response?: string | null;

  @Field(() => String, { nullable: true, description: 'Where the reader goes once it is done; null: nowhere.' })
  redirectUrl?: string | null;
}

@InputType('FollowDynamicLinkInput', { description: 'A dynamic link whose reader has confirmed it.' })
export class FollowDynamicLinkInput {
  @Field(() => String, { description: 'The token of its address.' })
  token!: string;
}

@ObjectType('FollowDynamicLinkPayload', { simpleResolvers: true, description: 'What followDynamicLink answers.' })
export class FollowDynamicLinkPayload {
  @Field(() => DynamicLinkDetailsType, { description: 'What it did.' })
  link!: DynamicLinkDetailsType;

  @Field(() => Boolean, { description: 'Whether anything changed by it; false where it was so already.' })
  changed!: boolean;
}

@InputType('RotateLinkKeyInput', { description: 'How links are signed from now on.' })
export class RotateLinkKeyInput {
  @Field(() => Boolean, {
    nullable: true,
    description: 'Refuse every link that was signed with an earlier key; default false: they work until they expire.',
  })
  refuseOlder?: boolean | null;
}

@ObjectType('RotateLinkKeyPayload', { simpleResolvers: true, description: 'What rotateLinkKey answers.' })
export class RotateLinkKeyPayload {
  @Field(() => Int, { description: 'The id of the key that signs from now on.' })
  keyId!: number;

  @Field(() => Int, { description: 'The oldest key whose links are still believed.' })
  oldestKeyId!: number;
}
