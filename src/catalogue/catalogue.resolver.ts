import { Arg, Authorized, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../context.js';
import { Problems } from '../errors.js';
import { LocaleScalar } from '../graphql/scalars.js';
import { isLinkEnabled } from '../settings/link-settings.js';
import { readSettings } from '../settings/settings.js';
import { ObjectTypeInfoType, TagType } from './catalogue.type.js';
import { operatorsOf } from './condition.js';
import {
  DeclareEventInput,
  DeclareEventPayload,
  DeclareFieldInput,
  DeclareFieldPayload,
  DeclareObjectTypeInput,
  DeclareObjectTypePayload,
} from './declare.input.js';
import { declareField, declareObjectType } from './declare.js';
import { declareEvent } from './declare-event.js';
import { didYouMean } from './nearest.js';
import { isSubject, type ObjectType, objectTypes, subjectNames } from './object-types.js';
import { findTags } from './tags.js';
import { wordsIn } from './words.js';

const mostTags = 1_000;
const defaultTags = 50;

@Resolver()
export class CatalogueResolver {
  @Authorized('ADMIN', 'AGENT')
  @Query(() => [ObjectTypeInfoType], { description: 'The types of object that the CRM may send, with their fields.' })
  objectTypes(
    @Arg('language', () => LocaleScalar, { defaultValue: 'en', description: 'Of the labels; else English.' }) language: string,
  ): ObjectTypeInfoType[] {
    return objectTypes().map((type) => infoOf(type, language));
  }

  @Authorized('ADMIN')
  @Mutation(() => DeclareObjectTypePayload, {
    description: 'Adds a type of object to the catalogue: records, tags and conditions know it at once.',
  })
  async declareObjectType(
    @Ctx() ctx: Context,
    @Arg('input', () => DeclareObjectTypeInput, { description: 'What it is.' }) input: DeclareObjectTypeInput,
  ): Promise<DeclareObjectTypePayload> {
    return { objectType: infoOf(await declareObjectType(ctx, input), 'en') };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeclareFieldPayload, {
    description: 'Adds a field to a type of object: records, tags and conditions know it at once.',
  })
  async declareField(
    @Ctx() ctx: Context,
    @Arg('input', () => DeclareFieldInput, { description: 'What it is.' }) input: DeclareFieldInput,
  ): Promise<DeclareFieldPayload> {
    return { objectType: infoOf(await declareField(ctx, input), 'en') };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeclareEventPayload, {
    description: 'Adds something that happens to objects of a type: it can be recorded, and rules can listen to it, at once.',
  })
  async declareEvent(
    @Ctx() ctx: Context,
    @Arg('input', () => DeclareEventInput, { description: 'What it is.' }) input: DeclareEventInput,
  ): Promise<DeclareEventPayload> {
    return { objectType: infoOf(await declareEvent(ctx, input), 'en') };
  }

  @Authorized('ADMIN', 'AGENT')
  @Query(() => [TagType], { description: "What auto-complete shows after '#'." })
  async tags(
    @Ctx() ctx: Context,
    @Arg('prefix', () => String, { nullable: true, defaultValue: '', description: 'What has been typed, with # or without, in any case.' })
    prefix: string | null,
    @Arg('objectType', () => String, { nullable: true, description: 'Only tags that a text about an object of this type reaches.' })
    objectType: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: defaultTags, description: `How many at most, up to ${mostTags}.` })
    first: number | null,
    @Arg('language', () => LocaleScalar, { defaultValue: 'en', description: 'Of the labels; else English.' }) language: string,
  ): Promise<TagType[]> {
    const problems = new Problems();
    const most = first ?? defaultTags;
    if (most < 0 || most > mostTags) problems.add(['first'], 'OUT_OF_RANGE', `${most} is out of range: 0 to ${mostTags} tags.`);
    if (objectType != null && !isSubject(objectType)) {
      problems.add(
        ['objectType'],
        'UNKNOWN_TYPE',
        `There is no object type ${JSON.stringify(objectType)}.${didYouMean(objectType, subjectNames())}`,
      );
    }
    problems.throwIfAny();
    const { dynamicLinks } = await readSettings(ctx);
    // A dynamic link that is not enabled would be refused on save (D16).
    const found = findTags(prefix ?? '', objectType ?? null, (action) => isLinkEnabled(dynamicLinks, action)).slice(0, most);
    return found.map((tag) => ({ ...tag, label: wordsIn(tag.label, language) }));
  }
}

function infoOf(type: ObjectType, language: string): ObjectTypeInfoType {
  return {
    name: type.name,
    label: wordsIn(type.label, language),
    fields: [...type.fieldByName.values()].map(({ name, kind, label, example, declared, indexed }) => ({
      name,
      kind,
      label: wordsIn(label, language),
      example,
      tag: `#${type.name}.${name}`,
      operators: [...operatorsOf[kind]],
      declared: declared ?? false,
      indexed: indexed ?? false,
    })),
    relations: type.relations.map(({ name, to }) => ({ name, to })),
    events: [...type.eventByName.values()].map(({ name, label, declared }) => ({
      name,
      label: wordsIn(label, language),
      declared: declared ?? false,
    })),
    attributes: type.attributes,
    declared: type.declared ?? false,
  };
}
