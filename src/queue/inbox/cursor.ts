import { Problems } from '../../errors.js';

/**
 * Where a client of `inboxChanged` stands: in a history (`epoch`), having handled all changes up to `position`; and, within
 * the first listing, all entries up to `listedTo` of the inbox as it was at that position.
 */
export interface Cursor {
  epoch: string;
  position: number;
  listedTo?: number | undefined;
}

export function writeCursor({ epoch, position, listedTo }: Cursor): string {
  return Buffer.from(listedTo === undefined ? `${epoch}.${position}` : `${epoch}.${position}.${listedTo}`).toString('base64url');
}

export function readCursor(text: string): Cursor {
  const match = /^([\w-]{4,20})\.(\d{1,15})(?:\.(\d{1,15}))?$/.exec(Buffer.from(text, 'base64url').toString());
  if (!match?.[1]) {
    const problems = new Problems();
    problems.add(
      ['after'],
      'INVALID_CURSOR',
      'This is no cursor of inboxChanged; give `cursor` of the last event that was handled, or none.',
    );
    problems.throwIfAny();
  }
  return { epoch: match?.[1] ?? '', position: Number(match?.[2]), listedTo: match?.[3] === undefined ? undefined : Number(match[3]) };
}
