import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { ContentInput } from '../../content/content.input.js';
import { ContentWarningType, TemplateState, TemplateType } from '../../content/template.type.js';
import { LocaleScalar } from '../../graphql/scalars.js';

@InputType('SaveCommunicationAsTemplateInput', { description: 'What somebody wrote to one contact, to keep as a template.' })
export class SaveCommunicationAsTemplateInput {
  @Field(() => ID, { description: 'The communication.' })
  communicationId!: string;

  @Field(() => String, { description: 'The name of the template, unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The code of the template, unique; made from the name where none is given.' })
  code?: string | null;

  @Field(() => LocaleScalar, {
    nullable: true,
    description:
      "The language of its text; default: that of the contact it was written to. 'en' for what was written to a contact of 'en-GB'.",
  })
  language?: string | null;

  @Field(() => [ContentInput], { nullable: true, description: 'Texts in further languages; every template has the default one.' })
  content?: ContentInput[] | null;

  @Field(() => TemplateState, { nullable: true, defaultValue: 'EFFECTIVE', description: 'Whether it can be chosen at once.' })
  state?: TemplateState | null;

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

@ObjectType('SaveCommunicationAsTemplatePayload', { simpleResolvers: true, description: 'What saveCommunicationAsTemplate answers.' })
export class SaveCommunicationAsTemplatePayload {
  @Field(() => TemplateType, { description: 'The new template; the communication stays as it is.' })
  template!: TemplateType;

  @Field(() => [ContentWarningType], { description: 'What may go wrong with its texts; it is kept all the same.' })
  warnings!: ContentWarningType[];
}
