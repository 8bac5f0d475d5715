import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { expect, test } from 'vitest';
import { schemaOf } from '../../src/api.js';
import { packageRoot } from '../../src/files.js';
import { printed } from '../../src/graphql/schema.js';

const schema = schemaOf();

test('schema.graphql is what the code makes (npm run schema writes it)', () => {
  expect(readFileSync(join(packageRoot, 'schema.graphql'), 'utf8')).toBe(printed(schema));
});

test('every type, field, argument, enum value and directive is described', () => {
  expect(undescribed(schema)).toEqual([]);
});

test('every mutation takes one input and answers a payload', () => {
  const odd = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(
    ({ args, type }) =>
      args.length !== 1 || args[0]?.name !== 'input' || !/Input!$/.test(String(args[0].type)) || !/Payload!$/.test(String(type)),
  );
  expect(odd.map(({ name }) => name)).toEqual([]);
});

function undescribed(of: GraphQLSchema): string[] {
  const types = Object.values(of.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type));
  const directives = of.getDirectives().filter(({ description }) => !description);
  return [...types.flatMap(undescribedOf), ...directives.map(({ name }) => `@${name}`)];
}

function undescribedOf(type: GraphQLNamedType): string[] {
  const found: string[] = [];
  const look = (name: string, { description }: { description?: string | null | undefined }) =>
    void (description?.trim() || found.push(name));
  look(type.name, type);
  if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
  if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) look(`${type.name}.${field.name}`, field);
  if (isObjectType(type) || isInterfaceType(type)) {
    for (const field of Object.values(type.getFields())) {
      look(`${type.name}.${field.name}`, field);
      for (const arg of field.args) look(`${type.name}.${field.name}(${arg.name}:)`, arg);
    }
  }
  return found;
}
