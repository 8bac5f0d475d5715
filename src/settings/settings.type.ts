import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { Medium } from '../graphql/medium.js';
import { LocaleScalar } from '../graphql/scalars.js';
import { DynamicLinkSettingsInput, DynamicLinkSettingsType } from './link-settings.type.js';
import { TrackingSettingsInput, TrackingSettingsType } from './tracking-settings.type.js';

@ObjectType('MediumSettings', { simpleResolvers: true, description: 'What operators set for a medium.' })
export class MediumSettingsType {
  @Field(() => Medium, { description: 'The medium.' })
  medium!: Medium;

  @Field(() => Int, {
    nullable: true,
    description: "Characters at most of what the recipient gets; the lower of this and the external system's counts. Null: any number.",
  })
  characterLimit?: number | null;

  @Field(() => Int, { nullable: true, description: 'Hours after which a communication expires that brings no date; null: never.' })
  lifetimeHours?: number | null;

  @Field(() => Boolean, { description: 'Whether links in its texts are replaced by short ones; limits count what is then sent.' })
  shortenUrls!: boolean;
}

@ObjectType('Settings', { simpleResolvers: true, description: 'What operators set at run time.' })
export class SettingsType {
  @Field(() => [MediumSettingsType], { description: 'One for each medium.' })
  media!: MediumSettingsType[];

  @Field(() => Int, {
    nullable: true,
    description: 'How many SMS one text may take, in place of the limit of characters; null: that limit counts.',
  })
  smsMaxSegments?: number | null;

  @Field(() => [LocaleScalar], { description: 'Languages that contents may be in; empty: any.' })
  supportedLanguages!: string[];

  @Field(() => [String], {
    description:
      'Countries by ISO 3166, such as CY: a phone number without + is read as one of the first of them where it can be one. None: it is refused.',
  })
  countries!: string[];

  @Field(() => Boolean, { description: 'Whether a new contact may receive our own marketing where the CRM does not say.' })
  directMarketingDefault!: boolean;

  @Field(() => Boolean, { description: "Whether a new contact may receive partners' marketing where the CRM does not say." })
  affiliateMarketingDefault!: boolean;

  @Field(() => DynamicLinkSettingsType, { description: 'Links with which readers change their data from a message.' })
  dynamicLinks!: DynamicLinkSettingsType;

  @Field(() => TrackingSettingsType, { description: 'What is learned of what readers do with messages.' })
  tracking!: TrackingSettingsType;
}

@InputType('MediumSettingsInput', { description: 'What changes for a medium; a field left out keeps its value.' })
export class MediumSettingsInput {
  @Field(() => Medium, { description: 'The medium.' })
  medium!: Medium;

  @Field(() => Int, { nullable: true, description: 'Characters at most, 1 to 1,000,000; null: any number.' })
  characterLimit?: number | null;

  @Field(() => Int, { nullable: true, description: 'Hours until it expires, 1 to 87,600; null: never.' })
  lifetimeHours?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether links in its texts are replaced by short ones: EMAIL, DEVICE, SMS, WHATSAPP.',
  })
  shortenUrls?: boolean | null;
}

@InputType('UpdateSettingsInput', { description: 'What changes; a field left out keeps its value, and null puts its default back.' })
export class UpdateSettingsInput {
  @Field(() => [MediumSettingsInput], { nullable: true, description: 'For these media; each once.' })
  media?: MediumSettingsInput[] | null;

  @Field(() => Int, { nullable: true, description: 'How many SMS one text may take, 1 to 255.' })
  smsMaxSegments?: number | null;

  @Field(() => [LocaleScalar], { nullable: true, description: 'Languages that contents may be in, the default one among them.' })
  supportedLanguages?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Countries whose national phone numbers are understood, by ISO 3166, at most 20.' })
  countries?: string[] | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether a new contact may receive our own marketing.' })
  directMarketingDefault?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Whether a new contact may receive partners' marketing." })
  affiliateMarketingDefault?: boolean | null;

  @Field(() => DynamicLinkSettingsInput, { nullable: true, description: 'Links with which readers change their data from a message.' })
  dynamicLinks?: DynamicLinkSettingsInput | null;

  @Field(() => TrackingSettingsInput, { nullable: true, description: 'What is learned of what readers do with messages.' })
  tracking?: TrackingSettingsInput | null;
}

@ObjectType('UpdateSettingsPayload', { simpleResolvers: true, description: 'What updateSettings answers.' })
export class UpdateSettingsPayload {
  @Field(() => SettingsType, { description: 'All settings as they are now. Other processes follow within seconds.' })
  settings!: SettingsType;
}
