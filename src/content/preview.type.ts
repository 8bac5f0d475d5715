import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { Medium } from '../catalogue/medium.js';
import { ObjectRefInput } from '../catalogue/object-ref.js';
import { LocaleScalar } from '../graphql/scalars.js';
import { ContentInput, ParameterInput } from './content.input.js';

@InputType('PreviewContentInput', { description: 'Renders for one contact exactly as a send would, and stores and sends nothing.' })
export class PreviewContentInput {
  @Field(() => ID, { nullable: true, description: 'A template; or give `content`.' })
  templateId?: string | null;

  @Field(() => [ContentInput], { nullable: true, description: 'Texts that are not saved; or give `templateId`.' })
  content?: ContentInput[] | null;

  @Field(() => Medium, { nullable: true, description: "Default: the template's; e-mail for `content`." })
  medium?: Medium | null;

  @Field(() => String, { description: 'For whom.' })
  contactExternalId!: string;

  @Field(() => ObjectRefInput, { nullable: true, description: 'What it is about; of the type `notification`, by its number.' })
  object?: ObjectRefInput | null;

  @Field(() => LocaleScalar, { nullable: true, description: "Default: the contact's preferred language." })
  language?: string | null;

  @Field(() => [ParameterInput], { nullable: true, description: 'Values for unrestricted tags.' })
  parameters?: ParameterInput[] | null;
}

@ObjectType('RenderedContent', {
  description: '`text` is the plain-text alternative of an e-mail. `characterCount` counts what the recipient gets, links shortened.',
  simpleResolvers: true,
})
export class RenderedContentType {
  @Field(() => LocaleScalar, { description: 'The language that was chosen.' })
  language!: string;

  @Field(() => String, { nullable: true, description: 'The subject, where there is one.' })
  subject?: string | null;

  @Field(() => String, { description: 'The body as it is delivered.' })
  body!: string;

  @Field(() => String, { description: 'The body without markup.' })
  text!: string;

  @Field(() => Int, { description: 'Characters that the recipient reads.' })
  characterCount!: number;

  @Field(() => Int, { nullable: true, description: 'How many SMS it takes; null for other media.' })
  smsSegments?: number | null;

  @Field(() => [String], { description: 'Tags without a value: they render as nothing.' })
  unresolvedTags!: string[];
}
