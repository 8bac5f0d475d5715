import { Field, InputType, registerEnumType } from 'type-graphql';
import { LocaleScalar } from '../graphql/scalars.js';

export const ContentFormat = { TEXT: 'TEXT', HTML: 'HTML', MJML: 'MJML' } as const;
export type ContentFormat = keyof typeof ContentFormat;
registerEnumType(ContentFormat, {
  name: 'ContentFormat',
  description: 'How a body is written.',
  valuesConfig: {
    TEXT: { description: 'Plain text.' },
    HTML: { description: 'HTML; a plain-text alternative is made from it.' },
    MJML: { description: 'MJML, turned into HTML once, when it is saved.' },
  },
});

@InputType('ContentInput', { description: 'A text in one language, with tags such as #contact.name.' })
export class ContentInput {
  @Field(() => LocaleScalar, { description: 'Its language. Every content has one in the default language.' })
  language!: string;

  @Field(() => String, { nullable: true, description: 'Its subject, for e-mail and inboxes.' })
  subject?: string | null;

  @Field(() => String, { description: 'The text itself, at most 200 kB.' })
  body!: string;

  @Field(() => ContentFormat, { nullable: true, defaultValue: 'TEXT', description: 'How the body is written.' })
  format?: ContentFormat | null;
}

@InputType('ParameterInput', { description: 'A value for an unrestricted tag: `#param.promo_code` takes the parameter `promo_code`.' })
export class ParameterInput {
  @Field(() => String, { description: 'Its name, as in the tag.' })
  name!: string;

  @Field(() => String, { description: 'The text that stands in its place.' })
  value!: string;
}
