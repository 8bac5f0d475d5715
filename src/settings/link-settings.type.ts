import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { LocaleScalar } from '../graphql/scalars.js';
import { DynamicLinkAction } from './dynamic-links.js';

@ObjectType('DynamicLinkText', { simpleResolvers: true, description: 'What a dynamic link says in a language.' })
export class DynamicLinkTextType {
  @Field(() => LocaleScalar, { description: 'The language.' })
  language!: string;

  @Field(() => String, { description: 'The words of the link.' })
  text!: string;
}

@ObjectType('DynamicLink', { simpleResolvers: true, description: 'One of the nine links with which a reader changes data from a message.' })
export class DynamicLinkType {
  @Field(() => DynamicLinkAction, { description: 'What following it does.' })
  action!: DynamicLinkAction;

  @Field(() => String, { description: 'The tag that puts it into a text.' })
  tag!: string;

  @Field(() => Boolean, { description: 'Whether texts may hold it.' })
  enabled!: boolean;

  @Field(() => [DynamicLinkTextType], {
    description: 'What it says; in other languages, what it says in the default one, else in English.',
  })
  texts!: DynamicLinkTextType[];

  @Field(() => String, { nullable: true, description: 'Where the reader goes once it is done; null: our own page says so.' })
  redirectUrl?: string | null;
}

@ObjectType('DynamicLinkSettings', { simpleResolvers: true, description: 'Links with which readers change their data.' })
export class DynamicLinkSettingsType {
  @Field(() => Boolean, { description: 'Whether there are any.' })
  enabled!: boolean;

  @Field(() => String, { nullable: true, description: 'What /p/... follows in their addresses; null: PUBLIC_URL.' })
  endpoint?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'A page of your own that links lead to instead, and that calls followDynamicLink. `{token}` is where the token goes; without it, `action` and `token` become its query.',
  })
  customUrl?: string | null;

  @Field(() => Int, { nullable: true, description: 'Days that a link works; null: for ever.' })
  lifetimeDays?: number | null;

  @Field(() => [DynamicLinkType], { description: 'All nine.' })
  links!: DynamicLinkType[];
}

@InputType('DynamicLinkTextInput', { description: 'What a dynamic link says in a language.' })
export class DynamicLinkTextInput {
  @Field(() => LocaleScalar, { description: 'The language.' })
  language!: string;

  @Field(() => String, { description: 'The words of the link: one line of 1 to 200 characters.' })
  text!: string;
}

@InputType('DynamicLinkInput', { description: 'What changes for a dynamic link; a field left out keeps its value.' })
export class DynamicLinkInput {
  @Field(() => DynamicLinkAction, { description: 'Which link.' })
  action!: DynamicLinkAction;

  @Field(() => Boolean, { nullable: true, description: 'Whether texts may hold it.' })
  enabled?: boolean | null;

  @Field(() => [DynamicLinkTextInput], { nullable: true, description: 'Replaces all of its words; null puts ours back.' })
  texts?: DynamicLinkTextInput[] | null;

  @Field(() => String, { nullable: true, description: 'Where the reader goes once it is done (https); null: our own page says so.' })
  redirectUrl?: string | null;
}

@InputType('DynamicLinkSettingsInput', { description: 'What changes for dynamic links; a field left out keeps its value.' })
export class DynamicLinkSettingsInput {
  @Field(() => Boolean, { nullable: true, description: 'Whether there are any.' })
  enabled?: boolean | null;

  @Field(() => String, { nullable: true, description: 'What /p/... follows in their addresses (https); null: PUBLIC_URL.' })
  endpoint?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A page of your own (https) that links lead to instead; `{token}` is where the token goes. Null: our own.',
  })
  customUrl?: string | null;

  @Field(() => Int, { nullable: true, description: 'Days that a link works, 1 to 36,500; null: for ever.' })
  lifetimeDays?: number | null;

  @Field(() => [DynamicLinkInput], { nullable: true, description: 'For these links; each once.' })
  links?: DynamicLinkInput[] | null;
}
