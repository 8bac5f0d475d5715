import { Arg, Authorized, Int, Query, Resolver } from 'type-graphql';
import { Problems } from '../errors.js';
import { LocaleScalar } from '../graphql/scalars.js';
import { ObjectTypeInfoType, TagType } from './catalogue.type.js';
import { operatorsOf } from './condition.js';
import { didYouMean } from './nearest.js';
import { isObjectType, objectTypeNames, objectTypes } from './object-types.js';
import { findTags } from './tags.js';
import type { Words } from './types.js';

const mostTags = 1_000;
const defaultTags = 50;

@Resolver()
export class CatalogueResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => [ObjectTypeInfoType], { description: 'The types of object that the CRM may send, with their fields.' })
  objectTypes(
    @Arg('language', () => LocaleScalar, { defaultValue: 'en', description: 'Of the labels: el, else English.' }) language: string,
  ): ObjectTypeInfoType[] {
    return objectTypes().map((type) => ({
      name: type.name,
      label: inLanguage(type.label, language),
      fields: [...type.fieldByName.values()].map(({ name, kind, label, example }) => ({
        name,
        kind,
        label: inLanguage(label, language),
        example,
        tag: `#${type.name}.${name}`,
        operators: [...operatorsOf[kind]],
      })),
      relations: type.relations.map(({ name, to }) => ({ name, to })),
      attributes: type.attributes,
    }));
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => [TagType], { description: "What auto-complete shows after '#'." })
  tags(
    @Arg('prefix', () => String, { nullable: true, defaultValue: '', description: 'What has been typed, with # or without, in any case.' })
    prefix: string | null,
    @Arg('objectType', () => String, { nullable: true, description: 'Only tags that a text about an object of this type reaches.' })
    objectType: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: defaultTags, description: `How many at most, up to ${mostTags}.` })
    first: number | null,
    @Arg('language', () => LocaleScalar, { defaultValue: 'en', description: 'Of the labels: el, else English.' }) language: string,
  ): TagType[] {
    const problems = new Problems();
    const most = first ?? defaultTags;
    if (most < 0 || most > mostTags) problems.add(['first'], 'OUT_OF_RANGE', `${most} is out of range: 0 to ${mostTags} tags.`);
    if (objectType != null && !isObjectType(objectType)) {
      problems.add(
        ['objectType'],
        'UNKNOWN_TYPE',
        `There is no object type ${JSON.stringify(objectType)}.${didYouMean(objectType, objectTypeNames())}`,
      );
    }
    problems.throwIfAny();
    const found = findTags(prefix ?? '', objectType ?? null).slice(0, most);
    return found.map((tag) => ({ ...tag, label: inLanguage(tag.label, language) }));
  }
}

function inLanguage(label: Words, language: string): string {
  return language.toLowerCase().split('-')[0] === 'el' ? label.el : label.en;
}
