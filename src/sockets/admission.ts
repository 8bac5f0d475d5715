import { validKeys } from '../access/token.js';
import { anonymous, type Viewer } from '../access/viewer.js';
import { CallerError } from '../errors.js';
import { isAway } from '../graphql/errors.js';
import type { Line } from './line.js';
import { closeCodes } from './message.js';
import type { Room } from './room.js';

/** Lets the socket in by the token that it shows, and closes it with 4403 where that is no good: the client gets a fresh one and comes back. */
export async function admit(line: Line, authorization: unknown): Promise<void> {
  const { room } = line;
  try {
    const viewer = await room.authenticate(room.open(anonymous), typeof authorization === 'string' ? authorization : undefined);
    if (!line.isOpen) return;
    const caller = callerOf(viewer);
    const count = (room.callers.get(caller) ?? 0) + 1;
    const most = viewer.role === 'CONTACT' ? room.limits.perContact : room.limits.perCaller;
    if (count > most) {
      line.close(closeCodes.tryLater, `One caller has at most ${most} sockets at a time`);
      return;
    }
    room.callers.set(caller, count);
    room.admitted += 1;
    line.viewer = viewer;
    void line.send('{"type":"connection_ack"}');
  } catch (error) {
    if (error instanceof CallerError) {
      line.close(closeCodes.forbidden, error.message.slice(0, 120));
      return;
    }
    // Ours to mend, and theirs to try again.
    if (!isAway(error)) room.log.error({ err: error }, 'a socket could not be admitted');
    line.close(closeCodes.tryLater, 'Try again later');
  }
}

/** The socket is gone: its caller may open another. */
export function leave({ viewer, room: { callers }, room }: Line): void {
  if (!viewer) return;
  room.admitted -= 1;
  const left = (callers.get(callerOf(viewer)) ?? 0) - 1;
  if (left > 0) callers.set(callerOf(viewer), left);
  else callers.delete(callerOf(viewer));
}

/** Closes those whose token has run out by now. */
export function closeExpired({ lines }: Room): void {
  const now = Date.now();
  for (const line of lines) {
    const end = line.viewer?.expiresAt;
    if (end && end.getTime() <= now) line.close(closeCodes.forbidden, 'The token has expired');
  }
}

/** Closes those whose API key is good no longer, by the database's clock. */
export async function closeRevoked({ open, log, lines }: Room): Promise<void> {
  const keys = new Set<string>();
  for (const { viewer } of lines) if (viewer?.apiKeyId) keys.add(viewer.apiKeyId);
  if (keys.size === 0) return;
  try {
    const valid = await validKeys(open(anonymous), [...keys]);
    for (const line of lines) {
      const key = line.viewer?.apiKeyId;
      // Not one that came while we asked.
      if (key && keys.has(key) && !valid.has(key)) line.close(closeCodes.forbidden, 'The API key was revoked');
    }
  } catch (error) {
    log.debug({ err: error }, 'keys could not be checked');
  }
}

function callerOf({ role, subject }: Viewer): string {
  return `${role} ${subject}`;
}
