import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { limitRule, limits } from './limits.js';

/** The rules for every operation, over HTTP and WebSocket alike. */
export function rulesOf(introspection: boolean): ValidationRule[] {
  return introspection ? [limitRule] : [limitRule, NoSchemaIntrospectionCustomRule];
}

/** Parses and validates, each distinct text once. Bounded, so that hostile unique texts cannot grow it. */
export interface Documents {
  read(text: string): DocumentNode | readonly GraphQLError[];
}

const kept = 1_000;

export function makeDocuments(schema: GraphQLSchema, introspection: boolean): Documents {
  const cache = new Map<string, DocumentNode>();
  const rules = [...specifiedRules, ...rulesOf(introspection)];
  return {
    read(text) {
      const known = cache.get(text);
      if (known) {
        cache.delete(text);
        cache.set(text, known);
        return known;
      }
      const document = parsed(text);
      if (!('kind' in document)) return document;
      const errors = validate(schema, document, rules, { maxErrors: 20 });
      if (errors.length > 0) return errors.map(withCode);
      cache.set(text, document);
      if (cache.size > kept) cache.delete(cache.keys().next().value ?? '');
      return document;
    },
  };
}

function parsed(text: string): DocumentNode | GraphQLError[] {
  try {
    return parse(text, { maxTokens: limits.tokens });
  } catch (error) {
    const { message, source, positions } = error as GraphQLError;
    return [new GraphQLError(message, { source, positions, extensions: { code: 'GRAPHQL_PARSE_FAILED' } })];
  }
}

function withCode(error: GraphQLError): GraphQLError {
  if (error.extensions['code']) return error;
  return new GraphQLError(error.message, { nodes: error.nodes, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
}
