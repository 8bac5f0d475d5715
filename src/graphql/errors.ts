import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { CallerError, Unavailable } from '../errors.js';

/** PostgreSQL's and the socket's ways of saying "not now": the same call may succeed later. */
const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '40001',
  '40P01',
  '55P03',
  '25P03',
  '08000',
  '08003',
  '08006',
  '08001',
  '08004',
]);
const awayWords =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end/i;

/** The database is away, or gave up for a moment. */
export function isAway(error: unknown): boolean {
  for (let each: unknown = error, depth = 0; each instanceof Error && depth < 6; each = each.cause, depth++) {
    if (awayCodes.has((each as { code?: string }).code ?? '') || awayWords.test(each.message)) return true;
  }
  return false;
}

/** Gives what was thrown the contract's `extensions.code`. The one place where classes become codes. */
export function toPublicError(error: unknown, log: Logger, requestId: string): GraphQLError {
  const thrown = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const place = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  const known = thrown instanceof CallerError ? thrown : isAway(thrown) ? new Unavailable() : undefined;
  if (known) return new GraphQLError(known.message, { ...place, extensions: { code: known.code, ...known.data } });
  if (thrown instanceof GraphQLError) {
    // Raised by graphql itself: a null where none may be is our fault, all else names its code.
    if (typeof thrown.extensions['code'] === 'string') return thrown;
    return new GraphQLError(thrown.message, { ...place, extensions: { code: 'BAD_REQUEST' } });
  }
  log.error({ err: thrown, requestId, path: place.path }, 'unexpected error');
  return new GraphQLError(`Something went wrong on our side; quote request ${requestId}.`, {
    ...place,
    extensions: { code: 'INTERNAL', requestId },
  });
}

const protocolCodes: Record<string, string> = {
  GRAPHQL_PARSE_FAILED: 'GRAPHQL_PARSE_FAILED',
  GRAPHQL_VALIDATION_FAILED: 'GRAPHQL_VALIDATION_FAILED',
  BAD_USER_INPUT: 'BAD_USER_INPUT',
  BAD_REQUEST: 'BAD_REQUEST',
  PERSISTED_QUERY_NOT_FOUND: 'BAD_REQUEST',
  PERSISTED_QUERY_NOT_SUPPORTED: 'BAD_REQUEST',
  OPERATION_RESOLUTION_FAILURE: 'BAD_REQUEST',
};

/** Apollo's last word on an error: its own codes become ours, and nothing of a stack leaves. */
export function formatError(formatted: GraphQLFormattedError): GraphQLFormattedError {
  const { stacktrace: _stacktrace, ...extensions } = { ...formatted.extensions } as Record<string, unknown>;
  const code = String(extensions['code'] ?? '');
  if (code === 'GRAPHQL_VALIDATION_FAILED' && typeof extensions['limit'] === 'number') {
    return { ...formatted, extensions: { ...extensions, code: 'QUERY_TOO_COMPLEX' } };
  }
  const known = protocolCodes[code] ?? (code === 'INTERNAL_SERVER_ERROR' || code === '' ? 'INTERNAL' : code);
  return { ...formatted, extensions: { ...extensions, code: known } };
}
