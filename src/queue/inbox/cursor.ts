import { createHash } from 'node:crypto';
import { Problems } from '../../errors.js';
import type { InboxScope } from './scope.js';

/**
 * Where a client of `inboxChanged` stands: in a history, having handled all changes up to `position`; and, within the first
 * listing, all entries up to `listedTo` of the inbox as it was at that position.
 */
export interface Cursor {
  /** Of which log, which contact and which systems (see `historyOf`). */
  history: string;
  position: number;
  /** What stood at that position: another one there means that the log was taken back and has grown anew. */
  mark: string;
  listedTo?: number | undefined;
  /** The seq of entries that were passed over because their time was up, although that has not been announced yet. */
  hidden?: Set<number> | undefined;
}

/** More than these a cursor does not carry: whoever comes back with it begins anew. */
const mostHidden = 50;
const tooManyHidden = 'hidden';

/** A position says something about one inbox of one log: for another contact, or other systems, it would hide what they had before. */
export function historyOf(epoch: string, { contactId, systemIds }: InboxScope): string {
  const words = [epoch, contactId, ...(systemIds ? systemIds.toSorted() : ['*'])];
  return createHash('sha256').update(words.join()).digest('base64url').slice(0, 12);
}

/** The mark of a change; that of a position without one, at the log's beginning or pruned, is 0. */
export function markOf(at: Date | null | undefined): string {
  const ms = at?.getTime() ?? 0;
  if (ms !== marked) {
    marked = ms;
    mark = ms.toString(36);
  }
  return mark;
}

/** The last one: changes that are made together have one time. */
let marked = 0;
let mark = '0';

export function writeCursor({ history, position, mark, listedTo, hidden }: Cursor): string {
  const carried = (hidden?.size ?? 0) <= mostHidden;
  const after = carried && hidden?.size ? `!${[...hidden].map((seq) => seq.toString(36)).join()}` : '';
  const text = btoa(`${carried ? history : tooManyHidden}.${position}.${mark}${listedTo === undefined ? '' : `.${listedTo}`}${after}`);
  // Of these characters none is written as + or /, so that this is base64url as it is.
  return text.endsWith('=') ? text.slice(0, text.indexOf('=')) : text;
}

export function readCursor(text: string): Cursor {
  const match = /^([\w-]{4,20})\.(\d{1,15})\.([\da-z]{1,12})(?:\.(\d{1,15}))?(?:!([\da-z,]{1,600}))?$/.exec(
    Buffer.from(text, 'base64url').toString(),
  );
  if (!match?.[1]) {
    const problems = new Problems();
    problems.add(
      ['after'],
      'INVALID_CURSOR',
      'This is no cursor of inboxChanged; give `cursor` of the last event that was handled, or none.',
    );
    problems.throwIfAny();
  }
  const [, history = '', position, mark = '', listedTo, hidden] = match ?? [];
  return {
    history,
    position: Number(position),
    mark,
    listedTo: listedTo === undefined ? undefined : Number(listedTo),
    hidden: hidden === undefined ? undefined : new Set(hidden.split(',').map((each) => Number.parseInt(each, 36))),
  };
}
