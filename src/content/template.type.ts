import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { Medium } from '../catalogue/medium.js';
import { connectionType } from '../graphql/connection.js';
import { NodeType } from '../graphql/node.js';
import { DateTimeScalar, LocaleScalar } from '../graphql/scalars.js';
import { ContentFormat, ContentInput } from './content.input.js';

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

  @Field(() => String, { nullable: true, description: 'The type of object that it speaks about; null where it takes any.' })
  objectType?: string | null;

  @Field(() => Int, { description: 'Counts its content versions, from 1.' })
  version!: number;

  @Field(() => Boolean, { description: 'It can be chosen.' })
  effective!: boolean;

  @Field(() => DateTimeScalar, { description: 'When it was written.' })
  createdAt!: Date;
}

export const TemplateConnectionType = connectionType('Template', () => TemplateType);

@InputType('CreateTemplateInput', { description: 'A template to write.' })
export class CreateTemplateInput {
  @Field(() => String, { description: 'Its name, unique.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Its code, unique; default: made from the name.' })
  code?: string | null;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string | null;

  @Field(() => Medium, { description: 'The medium that it is written for.' })
  medium!: Medium;

  @Field(() => String, { nullable: true, description: 'The type of object that it speaks about: only tags that it reaches are taken.' })
  objectType?: string | null;

  @Field(() => [ContentInput], { description: 'Its text in each language; the default language is required.' })
  content!: ContentInput[];

  @Field(() => Boolean, { nullable: true, defaultValue: true, description: 'It can be chosen.' })
  effective?: boolean | null;

  @Field(() => String, { nullable: true, description: 'The same key with the same input gives the first answer again, for 24 hours.' })
  idempotencyKey?: string | null;
}

@ObjectType('CreateTemplatePayload', { description: 'The template written.', simpleResolvers: true })
export class CreateTemplatePayload {
  @Field(() => TemplateType, { description: 'The template.' })
  template!: TemplateType;
}
