import {
  coerceInputValue,
  GraphQLID,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  type GraphQLSchema,
  GraphQLString,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
  type OperationDefinitionNode,
  typeFromAST,
  valueFromAST,
} from 'graphql';
import { Invalid, type Problem, Problems } from '../errors.js';
import { isChecked, scalarProblem } from './scalars.js';

/** The variables of an operation, checked against their types; every problem at once, by its path below the variable. */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const problems = new Problems();
  const variables: Record<string, unknown> = {};
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type) as GraphQLInputType | undefined;
    if (!type) continue;
    // The one input of a mutation is where all paths begin, whatever its variable is called.
    const place = isInputObjectType(getNullableType(type)) ? [] : [name];
    if (!Object.hasOwn(given, name) || given[name] === undefined) {
      if (definition.defaultValue) variables[name] = valueFromAST(definition.defaultValue, type);
      else if (isNonNullType(type)) problems.add([name], 'REQUIRED', `The variable $${name} of type ${type} is required.`);
      continue;
    }
    if (given[name] === null && isNonNullType(type)) {
      problems.add([name], 'REQUIRED', `The variable $${name} of type ${type} must not be null.`);
      continue;
    }
    if (deeperThan(given[name], mostLevels)) {
      problems.add([name], 'TOO_DEEP', `The value is nested more than ${mostLevels} levels deep.`);
      continue;
    }
    variables[name] = coerced(given[name], type, (path, _value, error) => {
      problems.add([...place, ...path], 'WRONG_TYPE', error.message);
    });
  }
  problems.throwIfAny();
  return variables;
}

/** As `coerceInputValue`, which makes paths for all that it looks at: what is plainly right needs none. */
function coerced(value: unknown, type: GraphQLInputType, onError: Parameters<typeof coerceInputValue>[2]): unknown {
  const plain = plainly(value, type);
  return plain === notPlain ? coerceInputValue(value, type, onError) : plain;
}

const notPlain = Symbol('not plain');

/** The value of that type, where every text of it is a text, every list a list, and nothing in it is unknown or missing; `notPlain` elsewhere. */
function plainly(value: unknown, type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return value === null ? notPlain : plainly(value, type.ofType);
  if (value === null) return null;
  if (isListType(type)) {
    if (!Array.isArray(value)) return notPlain;
    const items: unknown[] = [];
    for (const each of value as unknown[]) {
      const item = plainly(each, type.ofType);
      if (item === notPlain) return notPlain;
      items.push(item);
    }
    return items;
  }
  if (isInputObjectType(type)) return plainObject(value, type);
  return typeof value === 'string' && (type === GraphQLID || type === GraphQLString) ? value : notPlain;
}

function plainObject(value: unknown, type: GraphQLInputObjectType): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || type.isOneOf) return notPlain;
  const fields = type.getFields();
  const own: Record<string, unknown> = {};
  for (const name in fields) {
    const field = fields[name] as GraphQLInputField;
    const given = (value as Record<string, unknown>)[name];
    if (given === undefined) {
      if (field.defaultValue !== undefined) own[name] = field.defaultValue;
      else if (isNonNullType(field.type)) return notPlain;
      continue;
    }
    const plain = plainly(given, field.type);
    if (plain === notPlain) return notPlain;
    own[name] = plain;
  }
  for (const name in value) if (fields[name] === undefined) return notPlain;
  return own;
}

/** More than any input of ours has, and few enough for everything that walks a value by calling itself. */
const mostLevels = 100;

function deeperThan(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return levels === 0 || Object.values(value).some((each) => deeperThan(each, levels - 1));
}

/** Every scalar of the arguments that has the right kind and a wrong value, by its path; a single `input` is left out of the path. */
export function scalarProblems(args: Record<string, unknown>, types: ReadonlyMap<string, GraphQLInputType>): Problem[] {
  const problems = new Problems();
  for (const [name, type] of types) {
    visit(type, args[name], name === 'input' ? [] : [name], problems);
  }
  return problems.list;
}

const checkedTypes = new WeakMap<GraphQLNamedInputType, boolean>();

/** Whether a value of that type can hold a scalar that is checked; most hold texts and ids alone, and are not walked. */
function holdsChecked(of: GraphQLInputType): boolean {
  const type = getNamedType(of);
  let holds = checkedTypes.get(type);
  if (holds === undefined) {
    // Types may hold each other; a set that grows while it is walked meets each of them once.
    const reached = new Set([type]);
    for (const each of reached) {
      if (isInputObjectType(each)) for (const field of Object.values(each.getFields())) reached.add(getNamedType(field.type));
    }
    holds = [...reached].some((each) => isChecked(each.name));
    checkedTypes.set(type, holds);
  }
  return holds;
}

function visit(type: GraphQLInputType, value: unknown, path: (string | number)[], problems: Problems): void {
  if (value === null || value === undefined || !holdsChecked(type)) return;
  if (isNonNullType(type)) {
    visit(type.ofType, value, path, problems);
  } else if (isListType(type)) {
    const items: unknown[] = Array.isArray(value) ? value : [value];
    for (const [index, item] of items.entries()) visit(type.ofType, item, [...path, index], problems);
  } else if (isScalarType(type)) {
    const problem = scalarProblem(type.name, value);
    if (problem) problems.add(path, problem.code, problem.message);
  } else if (isInputObjectType(type)) {
    for (const field of Object.values(type.getFields())) {
      visit(field.type, (value as Record<string, unknown>)[field.name], [...path, field.name], problems);
    }
  }
}

/**
 * The problems that a resolver found in its input, joined with those of the scalars: one answer with all of them. A scalar's
 * own problem wins over what the resolver says of the same place.
 */
export function joinProblems(scalars: readonly Problem[], thrown: unknown): unknown {
  if (scalars.length === 0) return thrown;
  const found = thrown instanceof Invalid ? thrown.problems : [];
  const places = new Set(scalars.map((each) => JSON.stringify(each.path)));
  return new Invalid([...scalars, ...found.filter((each) => !places.has(JSON.stringify(each.path)))]);
}

/**
 * PostgreSQL keeps every text but one with U+0000 and, in JSON, one with half a character. Asked only when a statement has
 * failed: the paths of the arguments that hold such a text, which then was the reason.
 */
export function unstorable(value: unknown, path: (string | number)[] = []): Problem[] {
  if (typeof value === 'string') {
    if (value.includes('\0')) return [{ path, code: 'INVALID_CHARACTER', message: 'The character U+0000 is not allowed in a text.' }];
    return value.isWellFormed() ? [] : [{ path, code: 'INVALID_CHARACTER', message: 'The text has half a character: broken Unicode.' }];
  }
  if (Array.isArray(value)) return value.flatMap((each: unknown, index) => unstorable(each, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => [...unstorable(name, path), ...unstorable(each, [...path, name])]);
}
