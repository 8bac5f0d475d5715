import { isSupportedCountry } from 'libphonenumber-js/min';
import { Arg, Authorized, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.js';
import { Problems } from '../errors.js';
import { Medium } from '../graphql/medium.js';
import { changedLinks, checkLinks, shortenedMedia, shownLinks } from './link-settings.js';
import { defaultSettings, readSettings, type Settings, writeSettings } from './settings.js';
import { type MediumSettingsInput, SettingsType, UpdateSettingsInput, UpdateSettingsPayload } from './settings.type.js';
import { changedTracking, checkTracking } from './tracking-settings.js';

const mostCountries = 20;

@Resolver()
export class SettingsResolver {
  @Authorized('ADMIN')
  @Query(() => SettingsType, { description: 'What operators set at run time.' })
  async settings(@Ctx() ctx: Context): Promise<SettingsType> {
    return shown(await readSettings(ctx));
  }

  @Authorized('ADMIN')
  @Mutation(() => UpdateSettingsPayload, { description: 'Changes settings, at once and for what comes; what was made stays as it is.' })
  async updateSettings(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateSettingsInput) input: UpdateSettingsInput,
  ): Promise<UpdateSettingsPayload> {
    check(ctx, input);
    return { settings: shown(await writeSettings(ctx, (before) => changes(before, input))) };
  }
}

function shown({ characterLimits, lifetimeHours, shortenUrls, dynamicLinks, ...others }: Settings): SettingsType {
  const media = Object.values(Medium).map((medium) => ({
    medium,
    characterLimit: characterLimits[medium] ?? null,
    lifetimeHours: lifetimeHours[medium] ?? null,
    shortenUrls: shortenUrls[medium] ?? false,
  }));
  return { ...others, media, dynamicLinks: shownLinks(dynamicLinks) };
}

function changes(before: Settings, input: UpdateSettingsInput): Partial<Settings> {
  const pick = <Name extends keyof Settings>(name: Name, given: Settings[Name] | null | undefined) =>
    given === undefined ? {} : { [name]: given ?? defaultSettings[name] };
  return {
    ...byMedium('characterLimits', before, input, 'characterLimit'),
    ...byMedium('lifetimeHours', before, input, 'lifetimeHours'),
    ...byMedium('shortenUrls', before, input, 'shortenUrls'),
    ...(input.dynamicLinks === undefined
      ? {}
      : {
          dynamicLinks: input.dynamicLinks === null ? defaultSettings.dynamicLinks : changedLinks(before.dynamicLinks, input.dynamicLinks),
        }),
    ...(input.tracking === undefined
      ? {}
      : { tracking: input.tracking === null ? defaultSettings.tracking : changedTracking(before.tracking, input.tracking) }),
    ...pick('smsMaxSegments', input.smsMaxSegments),
    ...pick(
      'supportedLanguages',
      input.supportedLanguages?.map((each) => Intl.getCanonicalLocales(each)[0] ?? each) ?? input.supportedLanguages,
    ),
    ...pick('countries', input.countries),
    ...pick('directMarketingDefault', input.directMarketingDefault),
    ...pick('affiliateMarketingDefault', input.affiliateMarketingDefault),
  };
}

function byMedium(
  name: 'characterLimits' | 'lifetimeHours' | 'shortenUrls',
  before: Settings,
  { media }: UpdateSettingsInput,
  field: 'characterLimit' | 'lifetimeHours' | 'shortenUrls',
): Partial<Settings> {
  if (media === undefined) return {};
  if (media === null) return { [name]: defaultSettings[name] };
  const given = media.flatMap((each: MediumSettingsInput) => (each[field] === undefined ? [] : [[each.medium, each[field]] as const]));
  return { [name]: { ...before[name], ...Object.fromEntries(given) } };
}

function check(ctx: Context, input: UpdateSettingsInput): void {
  const problems = new Problems();
  const inRange = (path: (string | number)[], value: number | null | undefined, most: number) => {
    if (value != null && (value < 1 || value > most)) problems.add(path, 'OUT_OF_RANGE', `${value} is out of range: give 1 to ${most}.`);
  };
  const media = input.media ?? [];
  for (const [index, { medium, characterLimit, lifetimeHours, shortenUrls }] of media.entries()) {
    if (media.findIndex((each) => each.medium === medium) < index)
      problems.add(['media', index, 'medium'], 'DUPLICATE', `${medium} is given twice.`);
    inRange(['media', index, 'characterLimit'], characterLimit, 1_000_000);
    inRange(['media', index, 'lifetimeHours'], lifetimeHours, 87_600);
    if (shortenUrls && !shortenedMedia.includes(medium))
      problems.add(
        ['media', index, 'shortenUrls'],
        'NOT_ALLOWED',
        `${medium} carries no links; they are shortened for ${shortenedMedia.join(', ')}.`,
      );
  }
  inRange(['smsMaxSegments'], input.smsMaxSegments, 255);
  if (input.dynamicLinks) checkLinks(ctx, input.dynamicLinks, problems);
  if (input.tracking) checkTracking(ctx, input.tracking, problems);
  const languages = (input.supportedLanguages ?? []).map((each) => each.toLowerCase());
  const { defaultLanguage } = ctx.config;
  if (languages.length > 0 && !languages.includes(defaultLanguage.toLowerCase()))
    problems.add(['supportedLanguages'], 'MISSING_DEFAULT_LANGUAGE', `The default language, ${defaultLanguage}, must be among them.`);
  checkCountries(problems, input.countries ?? []);
  problems.throwIfAny();
}

function checkCountries(problems: Problems, given: readonly string[]): void {
  if (given.length > mostCountries) problems.add(['countries'], 'TOO_MANY', `At most ${mostCountries} countries can be given.`);
  for (const [index, each] of given.entries()) {
    if (!isSupportedCountry(each))
      problems.add(
        ['countries', index],
        'UNKNOWN_COUNTRY',
        `${JSON.stringify(each.slice(0, 80))} is no country of ISO 3166; give one such as CY.`,
      );
    else if (given.indexOf(each) < index) problems.add(['countries', index], 'DUPLICATE', `${each} is given twice.`);
  }
}
