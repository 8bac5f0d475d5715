import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DateTimeScalar } from '../graphql/scalars.js';

export const TrackingKindEnum = { OPENED: 'OPENED', CLICKED: 'CLICKED' } as const;
export type TrackingKind = keyof typeof TrackingKindEnum;

registerEnumType(TrackingKindEnum, {
  name: 'TrackingKind',
  description: 'What was done with a message.',
  valuesConfig: {
    OPENED: { description: 'An e-mail was opened: its pixel was asked for.' },
    CLICKED: { description: 'A link was followed.' },
  },
});

@ObjectType('TrackedLink', { simpleResolvers: true, description: 'A link of a communication, and what its reader did with it.' })
export class TrackedLinkType {
  @Field(() => String, { description: 'Where it leads.' })
  url!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When its reader followed it first; null: not yet.' })
  clickedAt?: Date | null;

  @Field(() => Int, { description: 'How often; all links of a communication are counted up to 200 clicks.' })
  clickCount!: number;
}

@ObjectType('CommunicationTracking', {
  simpleResolvers: true,
  description: 'What its reader did with a communication, once it was COMPLETED. Programs that look at mail are left out.',
})
export class CommunicationTrackingType {
  @Field(() => DateTimeScalar, { nullable: true, description: 'When the e-mail was opened first; null: nobody knows of it.' })
  viewedAt?: Date | null;

  @Field(() => Int, { description: 'How often; counted up to 200.' })
  viewCount!: number;

  @Field(() => [TrackedLinkType], { description: 'Its links; none where clicks are not tracked.' })
  links!: TrackedLinkType[];

  @Field(() => Int, { description: 'Openings and clicks by scanners, prefetchers and other programs, which are counted nowhere else.' })
  machineCount!: number;
}

@ObjectType('LinkFigures', { simpleResolvers: true, description: 'What readers did with a link of many communications.' })
export class LinkFiguresType {
  @Field(() => String, { description: 'As it is written in the texts, with its tags; the same in all languages counts as one.' })
  url!: string;

  @Field(() => Int, { description: 'How often it was followed.' })
  clicks!: number;

  @Field(() => Int, { description: 'By how many contacts.' })
  contacts!: number;
}

@ObjectType('TrackingFigures', {
  simpleResolvers: true,
  description: 'What readers did with the communications of runs, as far as they are tracked. Programs that look at mail are left out.',
})
export class TrackingFiguresType {
  @Field(() => Int, { description: 'Communications handed over, those that were removed afterwards among them.' })
  delivered!: number;

  @Field(() => Int, { description: 'E-mails that were opened.' })
  viewed!: number;

  @Field(() => Int, { description: 'Communications of which a link was followed.' })
  clicked!: number;

  @Field(() => [LinkFiguresType], { description: 'The links of the texts that were sent.' })
  links!: LinkFiguresType[];
}

@InputType('RecordTrackingInput', { description: 'What a server of your own was asked for (`customUrl` of the tracking settings).' })
export class RecordTrackingInput {
  @Field(() => String, { description: 'The code of its address.' })
  code!: string;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Whether a program asked, such as a scanner of mail, and no reader.',
  })
  machine?: boolean | null;
}

@ObjectType('RecordTrackingPayload', { simpleResolvers: true, description: 'What recordTracking answers.' })
export class RecordTrackingPayload {
  @Field(() => TrackingKindEnum, { description: 'What the code stands for: OPENED wants an image in answer, CLICKED a redirect.' })
  kind!: TrackingKind;

  @Field(() => String, { nullable: true, description: 'Where the reader goes; null for OPENED.' })
  url?: string | null;

  @Field(() => Boolean, { description: 'Whether it was kept: only of COMPLETED communications it is, and not without end.' })
  recorded!: boolean;
}
