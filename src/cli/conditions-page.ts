import { type GraphQLSchema, isEnumType } from 'graphql';
import { type ConditionOperator, conditionLimits, meetMissing, operators, operatorsOf } from '../catalogue/condition.js';
import { allowedValues } from '../catalogue/field-value.js';
import { type ObjectType, objectTypes } from '../catalogue/object-types.js';
import type { FieldKind } from '../catalogue/types.js';
import { wordsIn } from '../catalogue/words.js';
import { table } from './tags-page.js';

/** `docs/conditions.md`: the language of conditions, from the catalogue and the schema's own words. */
export function conditionsPage(schema: GraphQLSchema): string {
  return [
    '# Conditions',
    '<!-- Written by `npm run docs` from the catalogue (src/cli/conditions-page.ts). Edit that, not this. -->',
    intro,
    '## Operators',
    operatorTable(schema),
    '## Which kinds take which',
    matrix(),
    '## Values',
    table(
      ['kind', 'what it holds', 'compared with'],
      kinds.map((kind) => [kind, wordsOf(schema, 'FieldKind', kind), kind === 'LIST' ? 'a text: one element' : comparedWith(kind)]),
    ),
    rules,
    '## Limits',
    `At most ${conditionLimits.depth} levels, ${conditionLimits.leaves} comparisons, ${conditionLimits.values} values in one list, ${conditionLimits.days} days. What is
over them is refused when it is saved, with the place and the limit.`,
    '## Fields',
    'Those that are built in; what operators declare (`declareField`) comes beside them. Each type is also reached through what leads to it.',
    table(['type', 'fields', 'leads to'], objectTypes().map(fieldsOf)),
    '',
  ].join('\n\n');
}

/** An example, with each comparison on a line of its own. */
const json = (value: unknown) => {
  const text = JSON.stringify(value, null, 2).replace(
    /\{\s+("field"[^{}]*?)\s+\}/g,
    (_, inner: string) => `{ ${inner.replace(/\s+/g, ' ')} }`,
  );
  return `\`\`\`json\n${text}\n\`\`\``;
};
const kinds = Object.keys(operatorsOf) as FieldKind[];

const intro = `A condition says which contacts are meant: in segments, and wherever else the API takes a \`ConditionInput\`. It has exactly one of \`all\`, \`any\`, \`not\` and \`field\`; a field
is spelled as its [tag](tags.md) without the \`#\`.

${json({
  all: [
    { field: 'contact.preferred_language', operator: 'EQ', value: 'el' },
    { field: 'account.outstanding_amount', operator: 'GTE', value: '10.00' },
    {
      any: [
        { field: 'contact.attributes.tier', operator: 'EQ', value: 'gold' },
        { field: 'subscription.state', operator: 'EQ', value: 'ACTIVE' },
      ],
    },
  ],
})}

It is checked when it is saved (every problem at once, with its path) and compiled to one SQL expression with parameters; contacts are compared where they are, in the database.`;

const takesList: readonly ConditionOperator[] = ['IN', 'NOT_IN', 'BETWEEN'];
const takesDays: readonly ConditionOperator[] = ['WITHIN_LAST_DAYS', 'WITHIN_NEXT_DAYS'];

function operatorTable(schema: GraphQLSchema): string {
  const value = (operator: ConditionOperator) => {
    if (operator === 'BETWEEN') return 'a list of two';
    if (takesList.includes(operator)) return 'a list';
    if (takesDays.includes(operator)) return 'a number of days';
    return operator.endsWith('EMPTY') ? 'none' : 'one value';
  };
  return table(
    ['operator', 'holds where the field', '`value`', 'where the value is missing'],
    operators.map((each) => [
      `\`${each}\``,
      wordsOf(schema, 'ConditionOperator', each),
      value(each),
      meetMissing.has(each) ? '**holds**' : 'does not hold',
    ]),
  );
}

function matrix(): string {
  return table(
    ['', ...kinds],
    operators.map((operator) => [`\`${operator}\``, ...kinds.map((kind) => (operatorsOf[kind].includes(operator) ? '✓' : ''))]),
  );
}

function comparedWith(kind: FieldKind): string {
  return kind === 'ANY' ? 'a text, a number, true or false' : kind === 'LOCALE' || kind === 'TIME_ZONE' ? 'a text' : allowedValues[kind];
}

const rules = `## What is missing

A missing value is no value: it meets \`NE\`, \`NOT_IN\` and \`IS_EMPTY\`, and nothing else. An empty text and an empty list count as missing for \`IS_EMPTY\` and \`IS_NOT_EMPTY\`.
A type of which the contact has no object meets nothing at all, not even \`IS_EMPTY\`, and so does a relation that leads nowhere
(\`subscription.account.number\` of a subscription without account). \`not\` holds exactly where its condition does not: contacts who have no bill that is open are

${json({ not: { field: 'bill.outstanding_amount', operator: 'GT', value: 0 } })}

## The same object

A contact may have several subscriptions, bills, accounts. One comparison holds where at least one of them meets it. An \`all\` chooses one object of each type that it
speaks of, directly or through an \`any\`: all of its comparisons must be met by the same one. This means one subscription that is active and owes at least 50:

${json({
  all: [
    { field: 'subscription.state', operator: 'EQ', value: 'ACTIVE' },
    { field: 'subscription.outstanding_amount', operator: 'GTE', value: 50 },
  ],
})}

A nested \`all\` and a \`not\` choose anew. This means an active subscription, and a subscription (the same or another) that owes at least 50:

${json({
  all: [
    { all: [{ field: 'subscription.state', operator: 'EQ', value: 'ACTIVE' }] },
    { all: [{ field: 'subscription.outstanding_amount', operator: 'GTE', value: 50 }] },
  ],
})}

Relations go by the same rule: \`bill.number\` and \`bill.account.classification\` in one \`all\` are a bill and that bill's account.

## Texts, days, attributes

* \`EQ\`, \`NE\`, \`IN\` and \`NOT_IN\` compare texts exactly (languages in any case), \`CONTAINS\` and \`STARTS_WITH\` in any case and any language. Texts are ordered by code point.
* Days are counted from today where the contact is, else in DEFAULT_TIME_ZONE; both ends are within: \`WITHIN_NEXT_DAYS\` 0 is today.
* Numbers and amounts are exact decimals; a string such as \`"12.50"\` is as good as a number.
* An open attribute (\`contact.attributes.NAME\`) is compared as what is given: with a number as a number, where it is one, and otherwise as text; in order as numbers where both are. One that is a list meets \`IN\`, \`NOT_IN\`, \`CONTAINS\` and \`STARTS_WITH\` as a LIST does.`;

function fieldsOf(type: ObjectType): string[] {
  const fields = [...type.fieldByName.values()].map(({ name, kind }) => `${name} ${kind}`);
  const open = type.attributes ? ['attributes.NAME ANY'] : [];
  return [
    `\`${type.name}\` ${wordsIn(type.label, 'en')}`,
    [...fields, ...open].join(', '),
    type.relations.map(({ name }) => name).join(', '),
  ];
}

function wordsOf(schema: GraphQLSchema, name: string, value: string): string {
  const type = schema.getType(name);
  const words = isEnumType(type) ? type.getValue(value)?.description : undefined;
  if (!words) throw new Error(`${name}.${value} has no description`);
  return words.replace(/\.$/, '');
}
