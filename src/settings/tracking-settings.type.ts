import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql';

export const TrackingModeEnum = { ALL: 'ALL', PLANS: 'PLANS' } as const;
export type TrackingMode = keyof typeof TrackingModeEnum;
export const trackingModes: readonly TrackingMode[] = ['ALL', 'PLANS'];

registerEnumType(TrackingModeEnum, {
  name: 'TrackingMode',
  description: 'Which communications are tracked, where tracking is on.',
  valuesConfig: {
    ALL: { description: 'All of them.' },
    PLANS: { description: 'Those that runs make, of plans and of notification types.' },
  },
});

@ObjectType('TrackingSettings', { simpleResolvers: true, description: 'What is learned of what readers do with messages.' })
export class TrackingSettingsType {
  @Field(() => Boolean, { description: 'Whether anything is; it counts for what is made from then on.' })
  enabled!: boolean;

  @Field(() => TrackingModeEnum, { description: 'Of which HTML e-mails it is learned that they were opened.' })
  emailMode!: TrackingMode;

  @Field(() => TrackingModeEnum, {
    description: 'Of which communications the clicks are: of all links in e-mails, and of those that are shortened in other media.',
  })
  linkMode!: TrackingMode;

  @Field(() => String, { nullable: true, description: 'What /t/... and /s/... follow in tracked e-mails; null: PUBLIC_URL.' })
  endpoint?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'An address of your own instead, whose server calls recordTracking. `{code}` is where the code goes and `{kind}` becomes `open` or `click`; without `{code}`, `kind` and `code` become its query.',
  })
  customUrl?: string | null;
}

@InputType('TrackingSettingsInput', { description: 'What changes for tracking; a field left out keeps its value.' })
export class TrackingSettingsInput {
  @Field(() => Boolean, { nullable: true, description: 'Whether anything is tracked; null: no.' })
  enabled?: boolean | null;

  @Field(() => TrackingModeEnum, { nullable: true, description: 'Of which HTML e-mails it is learned that they were opened; null: ALL.' })
  emailMode?: TrackingMode | null;

  @Field(() => TrackingModeEnum, { nullable: true, description: 'Of which communications the clicks on links are learned; null: ALL.' })
  linkMode?: TrackingMode | null;

  @Field(() => String, { nullable: true, description: 'What /t/... and /s/... follow in tracked e-mails (https); null: PUBLIC_URL.' })
  endpoint?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'An address of your own (https), whose server calls recordTracking; `{code}` is where the code goes. Null: ours.',
  })
  customUrl?: string | null;
}
