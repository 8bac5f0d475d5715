import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { ContentInput } from './content.input.js';

@InputType('TemplateParametersInput', { description: 'A text to look for unrestricted tags in, saved or not.' })
export class TemplateParametersInput {
  @Field(() => ID, { nullable: true, description: 'A template; or give `content`.' })
  templateId?: string | null;

  @Field(() => [ContentInput], { nullable: true, description: 'Texts that are not saved; or give `templateId`.' })
  content?: ContentInput[] | null;
}

@ObjectType('Parameter', { simpleResolvers: true, description: 'An unrestricted tag of a communication, #param.NAME, with its value.' })
export class ParameterType {
  @Field(() => String, { description: 'Its name, as in the tag.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The text in its place; null where none was given, so that nothing is shown.' })
  value?: string | null;
}
