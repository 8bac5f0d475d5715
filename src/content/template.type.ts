import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Direction, Medium } from '../catalogue/medium.js';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTimeScalar, LocaleScalar } from '../graphql/scalars.js';
import { CategoryType } from './category.type.js';
import { ContentFormat, ContentInput } from './content.input.js';

const keyWords = 'The same key with the same input gives the first answer again, for 24 hours.';

export const TemplateState = { DRAFT: 'DRAFT', EFFECTIVE: 'EFFECTIVE', NOT_EFFECTIVE: 'NOT_EFFECTIVE' } as const;
export type TemplateState = keyof typeof TemplateState;
registerEnumType(TemplateState, {
  name: 'TemplateState',
  description: 'Whether a template can be chosen.',
  valuesConfig: {
    DRAFT: { description: 'Being written: cannot be chosen. Moves to EFFECTIVE or NOT_EFFECTIVE.' },
    EFFECTIVE: { description: 'Can be chosen. Moves to NOT_EFFECTIVE.' },
    NOT_EFFECTIVE: { description: 'Retired: cannot be chosen, and a plan that names it cannot run. Moves to EFFECTIVE.' },
  },
});

@ObjectType('TemplateContent', { description: 'The text of a template in one language, as it was written.', simpleResolvers: true })
export class TemplateContentType {
  @Field(() => LocaleScalar, { description: 'Its language.' })
  language!: string;

  @Field(() => String, { nullable: true, description: 'Its subject, with tags.' })
  subject?: string | null;

  @Field(() => String, { description: 'Its body, with tags.' })
  body!: string;

  @Field(() => ContentFormat, { description: 'How the body is written.' })
  format!: ContentFormat;
}

@ObjectType('Template', { implements: NodeType, description: 'A text for reuse: a medium, and content in several languages.' })
export class TemplateType extends NodeType {
  @Field(() => String, { description: 'Its name, unique.' })
  name!: string;

  @Field(() => String, { description: 'Its code, unique.' })
  code!: string;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string | null;

  @Field(() => Medium, { description: 'The medium that it is written for.' })
  medium!: Medium;

  @Field(() => Direction, { description: 'Who speaks in communications written with it; plans take OUTGOING ones only.' })
  direction!: Direction;

  @Field(() => String, { nullable: true, description: 'The type of object that it speaks about; null where it takes any.' })
  objectType?: string | null;

  @Field(() => Int, { description: 'Counts its content versions, from 1.' })
  version!: number;

  @Field(() => TemplateState, { description: 'Whether it can be chosen.' })
  state!: TemplateState;

  @Field(() => Boolean, { description: 'It is EFFECTIVE: it can be chosen.' })
  effective!: boolean;

  @Field(() => CategoryType, { nullable: true, description: 'What communications written with it are about.' })
  category?: CategoryType | null;

  @Field(() => [String], { nullable: true, description: 'Codes of the business units that it is for; null: all of them.' })
  usableByUnits?: string[] | null;

  @Field(() => DateTimeScalar, { description: 'When it was written.' })
  createdAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

export const TemplateConnectionType = connectionType('Template', () => TemplateType);

@ObjectType('ContentWarning', { simpleResolvers: true, description: 'What may go wrong with a text that can be kept.' })
export class ContentWarningType {
  @Field(() => [String], {
    description:
      'Where in the input: `content`, the place in the list, `body` or `subject`; for what is written to one contact `body` or `subject` alone.',
  })
  path!: string[];

  @Field(() => String, {
    description:
      'TOO_LONG: every one is rejected. MAY_BE_TOO_LONG: with long values. TOO_LONG_FOR_SYSTEM: with long values, for some external systems. MISSING_LANGUAGE: of the supported ones. AMBIGUOUS_TAG: stays empty where the contact has several such objects. UNRESOLVED_TAG: has no value, and shows nothing.',
  })
  code!: string;

  @Field(() => String, { description: 'The same in words.' })
  message!: string;

  @Field(() => LocaleScalar, { nullable: true, description: 'The language of the text that it is about, or that is missing.' })
  language?: string | null;

  @Field(() => Int, { nullable: true, description: 'Where in the text it begins, in UTF-16 units, for an editor to mark.' })
  offset?: number | null;

  @Field(() => Int, { nullable: true, description: 'How long that place is, in UTF-16 units.' })
  length?: number | null;
}

/** What a template is, beside its name, medium and texts, as creating and updating share it. */
@InputType()
abstract class DescribedInput {
  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string | null;

  @Field(() => String, { nullable: true, description: 'The type of object that it speaks about: only tags that it reaches are taken.' })
  objectType?: string | null;

  @Field(() => TemplateState, { nullable: true, description: 'Whether it can be chosen; goes before `effective`.' })
  state?: TemplateState | null;

  @Field(() => ID, { nullable: true, description: 'What communications written with it are about.' })
  categoryId?: string | null;

  @Field(() => [String], { nullable: true, description: 'Codes of the business units that it is for; null: all of them.' })
  usableByUnits?: string[] | null;
}

@InputType('CreateTemplateInput', { description: 'A template to write.' })
export class CreateTemplateInput extends DescribedInput {
  @Field(() => String, { description: 'Its name, unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Its code, unique; made from the name where none is given.' })
  code?: string | null;

  @Field(() => Medium, { description: 'The medium that it is written for.' })
  medium!: Medium;

  @Field(() => [ContentInput], { description: 'Its text in each language; the default language is required.' })
  content!: ContentInput[];

  @Field(() => Direction, { nullable: true, defaultValue: 'OUTGOING', description: 'Who speaks in communications written with it.' })
  direction?: Direction | null;

  @Field(() => Boolean, { nullable: true, defaultValue: true, description: 'False makes it NOT_EFFECTIVE.' })
  effective?: boolean | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('UpdateTemplateInput', {
  description: 'What changes of a template; a field left out keeps its value. Its medium never changes.',
})
export class UpdateTemplateInput extends DescribedInput {
  @Field(() => ID, { description: 'The template.' })
  templateId!: string;

  @Field(() => String, { nullable: true, description: 'Its name, unique.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Its code, unique.' })
  code?: string | null;

  @Field(() => Direction, { nullable: true, description: 'Who speaks in communications written with it.' })
  direction?: Direction | null;

  @Field(() => [ContentInput], {
    nullable: true,
    description: 'All its texts, in place of those before: a new version. What was written with the old one stays as it is.',
  })
  content?: ContentInput[] | null;

  @Field(() => Boolean, { nullable: true, description: 'True makes it EFFECTIVE, false NOT_EFFECTIVE.' })
  effective?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'The version that was edited: CONFLICT where somebody else has given it other texts since. Left out, the last edit counts.',
  })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('CopyTemplateInput', { description: 'A new template that begins with everything of another one.' })
export class CopyTemplateInput {
  @Field(() => ID, { description: 'The template to copy.' })
  templateId!: string;

  @Field(() => String, { description: 'The name of the copy, unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The code of the copy, unique; made from the name where none is given.' })
  code?: string | null;

  @Field(() => TemplateState, { nullable: true, defaultValue: 'DRAFT', description: 'Whether the copy can be chosen at once.' })
  state?: TemplateState | null;

  @Field(() => String, { nullable: true, description: keyWords })
  idempotencyKey?: string | null;
}

@InputType('DeleteTemplateInput', { description: 'Which template goes.' })
export class DeleteTemplateInput {
  @Field(() => ID, { description: 'The template; one that a plan or a draft names stays.' })
  templateId!: string;
}

@InputType('TemplateFilter', { description: 'All that is given must hold.' })
export class TemplateFilter {
  @Field(() => [Medium], { nullable: true, description: 'Written for one of these media.' })
  media?: Medium[] | null;

  @Field(() => Direction, { nullable: true, description: 'Where this one speaks.' })
  direction?: Direction | null;

  @Field(() => LocaleScalar, { nullable: true, description: 'With a text in this language.' })
  language?: string | null;

  @Field(() => ID, { nullable: true, description: 'In this category or one below it.' })
  categoryId?: string | null;

  @Field(() => String, { nullable: true, description: 'About this type of object.' })
  objectType?: string | null;

  @Field(() => [TemplateState], { nullable: true, description: 'In one of these states.' })
  states?: TemplateState[] | null;

  @Field(() => String, { nullable: true, description: 'For the business unit with this code, or for all of them.' })
  usableByUnit?: string | null;

  @Field(() => String, { nullable: true, description: 'In the name, the code or the description.' })
  search?: string | null;
}

@ObjectType('CreateTemplatePayload', { description: 'The template written.', simpleResolvers: true })
export class CreateTemplatePayload {
  @Field(() => TemplateType, { description: 'The template.' })
  template!: TemplateType;

  @Field(() => [ContentWarningType], { description: 'What may go wrong with its texts; it is kept all the same.' })
  warnings!: ContentWarningType[];
}

@ObjectType('UpdateTemplatePayload', { description: 'The template changed.', simpleResolvers: true })
export class UpdateTemplatePayload {
  @Field(() => TemplateType, { description: 'The template as it is now.' })
  template!: TemplateType;

  @Field(() => [ContentWarningType], { description: 'What may go wrong with its texts; it is kept all the same.' })
  warnings!: ContentWarningType[];
}

@ObjectType('CopyTemplatePayload', { description: 'The copy.', simpleResolvers: true })
export class CopyTemplatePayload {
  @Field(() => TemplateType, { description: 'The new template.' })
  template!: TemplateType;
}

@ObjectType('DeleteTemplatePayload', { description: 'The template deleted.', simpleResolvers: true })
export class DeleteTemplatePayload {
  @Field(() => ID, { description: 'The id that it had.' })
  templateId!: string;
}
