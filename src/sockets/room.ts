import type { GraphQLSchema } from 'graphql';
import type { Authenticate } from '../access/token.js';
import type { Viewer } from '../access/viewer.js';
import type { Context } from '../context.js';
import type { Documents } from '../graphql/documents.js';
import type { SocketLimits } from './limits.js';
import type { Line } from './line.js';

/** What the sockets are given. */
export interface RoomParts {
  schema: GraphQLSchema;
  log: Context['log'];
  open: (viewer: Viewer) => Context;
  authenticate: Authenticate;
  documents: Documents;
}

/** What all sockets of the process share. */
export interface Room extends RoomParts {
  readonly limits: SocketLimits;
  readonly lines: Set<Line>;
  /** Admitted sockets by caller. */
  readonly callers: Map<string, number>;
  admitted: number;
  /** Bytes of messages whose end has not come. */
  unfinished: number;
  /** What messages have asked for and is being done: it may go on once its socket is gone. */
  readonly underWay: Set<Promise<void>>;
  /** Whoever waits for the last socket to go. */
  onEmpty?: (() => void) | undefined;
}
