import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Medium } from '../catalogue/medium.js';
import { RenderedContentType } from '../content/preview.type.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { RunSkipType } from './run.type.js';

@InputType('PreviewRunInput', { description: 'Exactly one of `planId` and `notificationTypeId`.' })
export class PreviewRunInput {
  @Field(() => ID, { nullable: true, description: 'A plan.' })
  planId?: string | null;

  @Field(() => ID, { nullable: true, description: 'A notification type.' })
  notificationTypeId?: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'As if it ran at this instant: validity and dates that count from the run go by it, facts are those of now. Default: now.',
  })
  at?: string | null;

  @Field(() => Int, { nullable: true, defaultValue: 3, description: 'Recipients rendered for each message: 0 to 20.' })
  samples?: number | null;
}

@ObjectType('RunPreviewSample', { description: 'What one recipient would get.' })
export class RunPreviewSampleType {
  @Field(() => RenderedContentType, { description: 'Rendered as a send would.' })
  content!: RenderedContentType;

  @Field(() => String, { nullable: true, description: 'Where to; null for an inbox.' })
  address?: string | null;

  @Field(() => Boolean, { description: 'It would be created REJECTED with code TOO_LONG.' })
  tooLong!: boolean;
}

@ObjectType('RunPreviewMessage', { simpleResolvers: true, description: 'What a run would do through one medium.' })
export class RunPreviewMessageType {
  @Field(() => Medium, { description: 'The medium.' })
  medium!: Medium;

  @Field(() => Int, { description: 'Recipients met.' })
  matched!: number;

  @Field(() => Int, { description: 'Communications that it would make.' })
  generated!: number;

  @Field(() => [RunSkipType], { description: 'Left out, by reason.' })
  skipped!: RunSkipType[];

  @Field(() => [RunPreviewSampleType], { description: 'Some of those that it would make.' })
  samples!: unknown[];
}

@ObjectType('RunPreview', { simpleResolvers: true, description: 'What a run would do. Nothing is stored.' })
export class RunPreviewType {
  @Field(() => Int, { description: 'Recipients met, once for each medium.' })
  matched!: number;

  @Field(() => Int, { description: 'Communications that it would make.' })
  generated!: number;

  @Field(() => [RunSkipType], { description: 'Left out, by reason.' })
  skipped!: RunSkipType[];

  @Field(() => [RunPreviewMessageType], { description: 'The same by medium, with samples.' })
  messages!: unknown[];
}
