/** What one socket, one caller and all sockets of a process may take. Whoever passes a limit is closed and may come back later. */
export const socketLimits = {
  /** Operations at a time on one socket, subscriptions among them. */
  operations: 100,
  /** Sockets at a time of one caller (role and subject), in one process: a contact's devices, or a portal's servers. */
  perContact: 100,
  perCaller: 1_000,
  /** Sockets that have not shown a token yet. */
  unadmitted: 2_000,
  /** Milliseconds for connection_init. */
  initMs: 5_000,
  /** Milliseconds between pings; who has not been heard of for two of them is gone. */
  pingMs: 12_000,
  /** Bytes that may wait for a socket before its subscriptions hold still. */
  highWater: 64 * 1_024,
  /** Milliseconds that it may stay above that; then it is too slow. */
  slowMs: 10_000,
  /** Bytes that wait for it when it asks for more: it does not read its answers. */
  unread: 4 * 1_048_576,
  /** Milliseconds that a closed socket has to take note of it. */
  graceMs: 5_000,
  /** Milliseconds for all frames of a message, and bytes of unfinished messages of all sockets together. */
  messageMs: 30_000,
  unfinished: 64 * 1_048_576,
  /** Pings, pongs and other messages that are no operation: so many at once, and so many a second. */
  controlBurst: 60,
  controlsPerSecond: 10,
};

export type SocketLimits = typeof socketLimits;
