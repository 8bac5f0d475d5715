import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { ConditionInput } from '../../catalogue/condition.input.js';

@InputType('AudienceCountInput', {
  description: 'The audience of a plan as it stands in an editor. Without segments and condition nobody is in it.',
})
export class AudienceCountInput {
  @Field(() => [ID], { nullable: true, description: 'Segments whose members are included.' })
  includeSegmentIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'Segments whose members are left out.' })
  excludeSegmentIds?: string[] | null;

  @Field(() => ConditionInput, { nullable: true, description: 'Who meets it is included, too: a segment that is not saved yet.' })
  condition?: ConditionInput | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Leave out who may not receive our own marketing.' })
  applyDirectMarketingPreference?: boolean | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: "Leave out who may not receive partners' marketing." })
  applyAffiliateMarketingPreference?: boolean | null;
}

@ObjectType('AudienceCount', {
  simpleResolvers: true,
  description: 'Contacts at this moment: included = excluded + optedOut + reached. Addresses and languages are looked at by previewRun.',
})
export class AudienceCountType {
  @Field(() => Int, { description: 'Members of the included segments, and who meets the condition; each once.' })
  included!: number;

  @Field(() => Int, { description: 'Of these, members of excluded segments.' })
  excluded!: number;

  @Field(() => Int, { description: 'Of the others, who may not receive this marketing.' })
  optedOut!: number;

  @Field(() => Int, { description: 'The rest.' })
  reached!: number;
}
