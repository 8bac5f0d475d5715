import { Field, InputType, registerEnumType } from 'type-graphql';
import { JsonScalar } from '../graphql/scalars.js';
import { type Condition, type ConditionOperator, operators } from './condition.js';

export const ConditionOperatorEnum = Object.fromEntries(operators.map((each) => [each, each])) as Record<
  ConditionOperator,
  ConditionOperator
>;
registerEnumType(ConditionOperatorEnum, {
  name: 'ConditionOperator',
  description:
    '`value` is a list for IN, NOT_IN and BETWEEN (both ends included), a number of days for the two day operators, absent for the two EMPTY ones.',
  valuesConfig: {
    EQ: { description: 'Is the value; texts exactly.' },
    NE: { description: 'Is not the value, or is missing.' },
    GT: { description: 'Is greater or later.' },
    GTE: { description: 'Is greater or later, or equal.' },
    LT: { description: 'Is less or earlier.' },
    LTE: { description: 'Is less or earlier, or equal.' },
    IN: { description: 'Is one of the values; on a list: has at least one of them.' },
    NOT_IN: { description: 'Is none of the values, or is missing; on a list: has none of them.' },
    BETWEEN: { description: 'Lies between two values, both included.' },
    CONTAINS: { description: 'Contains the text, in any case; on a list: has the element.' },
    STARTS_WITH: { description: 'Begins with the text, in any case; on a list: an element does.' },
    IS_EMPTY: { description: 'Is missing, or an empty text or list.' },
    IS_NOT_EMPTY: { description: 'Has a value.' },
    WITHIN_LAST_DAYS: { description: 'Lies between so many days ago and today, both included.' },
    WITHIN_NEXT_DAYS: { description: 'Lies between today and so many days ahead, both included.' },
  },
});

@InputType('ConditionInput', {
  description: `Exactly one of \`all\`, \`any\`, \`not\`, \`field\`. On a type of which a contact has several objects it holds where at
least one meets it; conditions on one type inside one \`all\` must be met by the same object. A missing value meets only NE, NOT_IN and IS_EMPTY.`,
})
export class ConditionInput implements Condition {
  @Field(() => [ConditionInput], { nullable: true, description: 'Holds where all of these hold.' })
  all?: ConditionInput[] | null;

  @Field(() => [ConditionInput], { nullable: true, description: 'Holds where at least one of these holds.' })
  any?: ConditionInput[] | null;

  @Field(() => ConditionInput, { nullable: true, description: 'Holds where this does not.' })
  not?: ConditionInput | null;

  @Field(() => String, {
    nullable: true,
    description: 'A field, spelled as the tag without #: contact.preferred_language, account.outstanding_amount, contact.attributes.tier.',
  })
  field?: string | null;

  @Field(() => ConditionOperatorEnum, { nullable: true, description: 'How the field is compared.' })
  operator?: ConditionOperator | null;

  @Field(() => JsonScalar, { nullable: true, description: 'What the field is compared with.' })
  value?: unknown;
}
