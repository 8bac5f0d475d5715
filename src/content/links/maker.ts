import { wordsIn } from '../../catalogue/words.js';
import { actionOfTag, type DynamicLinkAction } from '../../settings/dynamic-links.js';
import { codePlace } from '../../settings/tracking-settings.js';
import type { LinkFrame } from './frame.js';
import type { LinkMaker } from './link.js';
import { codeLength, type LinkKey, noCommunication, writeCode, writePixelCode, writeToken } from './token.js';

/** What of a communication its links are made from. */
export interface LinkedCommunication {
  readonly id: string;
  readonly seq: number;
  readonly contactId: string;
  /** TEST: a colleague reads it, who must not answer for the contact. */
  readonly origin?: string;
}

/** Always the same links for the same frame, communication and values (design.md, idea 2). */
export function linksOf(frame: LinkFrame | undefined, communication: LinkedCommunication, keyOf: LinkKey): LinkMaker | undefined {
  if (!frame) return undefined;
  if (communication.origin === 'TEST') return previewLinks(frame, communication.contactId, keyOf);
  const key = keyOf(frame.key);
  if (!key) throw new Error(`The link key ${frame.key} is missing`);
  const { id, seq } = communication;
  const address = codeAddress(frame);
  const pixel = frame.tracking?.pixel;
  return {
    dynamic: dynamicLinks(frame, (action, { o, e }) =>
      writeToken(
        { keyId: frame.key, action, communicationId: communication.id, contactId: communication.contactId, objectId: o, expiresAt: e },
        key,
      ),
    ),
    short: (index) => address?.replace(codePlace, () => writeCode({ seq, index }, id, key)),
    everyLink: frame.tracking?.everyLink ?? false,
    pixel: () => pixel?.replace(codePlace, () => writePixelCode(seq, id, key)),
  };
}

/** The links of a communication that does not exist: they are as long as its own will be, and following them does nothing. */
export function previewLinks(frame: LinkFrame | undefined, contactId: string, keyOf: LinkKey): LinkMaker | undefined {
  return linksOf(frame, { id: noCommunication, seq: 0, contactId }, keyOf);
}

/** Links of the right length, for counting characters: nothing is signed. */
export function measuringLinks(frame: LinkFrame | undefined): LinkMaker | undefined {
  if (!frame) return undefined;
  const short = codeAddress(frame)?.replace(codePlace, 'x'.repeat(codeLength));
  return {
    dynamic: dynamicLinks(frame, (_, { o }) => 'x'.repeat(o === null ? 72 : 94)),
    short: () => short,
    everyLink: frame.tracking?.everyLink ?? false,
    // Nobody reads it: it counts no characters.
    pixel: () => undefined,
  };
}

/** What short and tracked links look like, with the place of the code in it; undefined: links stay as they are. */
function codeAddress({ short, tracking }: LinkFrame): string | undefined {
  return tracking?.link ?? (short === null ? undefined : short + codePlace);
}

/** The frozen value of a dynamic link: its service request and its expiry. */
interface Frozen {
  o: string | null;
  e: number | null;
}

function dynamicLinks(frame: LinkFrame, token: (action: DynamicLinkAction, value: Frozen) => string): LinkMaker['dynamic'] {
  return (tag, value, language) => {
    const action = actionOfTag(tag);
    const texts = action && frame.texts[action];
    if (!texts || frame.dynamic === null || typeof value !== 'object' || value === null) return undefined;
    const { o = null, e = null } = value as Partial<Frozen>;
    const url = frame.dynamic.replace('{action}', () => action).replace('{token}', () => token(action, { o, e }));
    return { url, words: wordsIn({ ...texts, en: texts['en'] ?? '' }, inSome(texts, language, frame.defaultLanguage)) };
  };
}

/** The language itself or its base where there are words in it, else the default one. */
function inSome(texts: Readonly<Record<string, string>>, language: string, fallback: string): string {
  const known = Object.keys(texts).map((each) => each.toLowerCase());
  const wanted = language.toLowerCase();
  return known.includes(wanted) || known.includes(wanted.split('-')[0] ?? '') ? language : fallback;
}
