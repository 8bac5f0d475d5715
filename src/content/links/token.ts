import { createHmac, timingSafeEqual } from 'node:crypto';
import { type DynamicLinkAction, dynamicLinkActions } from '../../settings/dynamic-links.js';

/** The key of an id; undefined where links signed with it are not believed any more. */
export type LinkKey = (id: number) => Uint8Array | undefined;

/** What a dynamic link says: one contact, one action (D17). Signed whole, so it can be used for nothing else. */
export interface DynamicLinkToken {
  keyId: number;
  action: DynamicLinkAction;
  communicationId: string;
  contactId: string;
  /** The service request that is accepted. */
  objectId: string | null;
  /** Seconds since 1970; null: it never expires. */
  expiresAt: number | null;
}

/** The communication of what is only previewed: none. */
export const noCommunication = '00000000-0000-0000-0000-000000000000';

// key id 1, action 1, communication 16, contact 16, expiry 4, perhaps object 16, signature 16
const headLength = 38;
const objectLength = 16;
const macLength = 16;

export function writeToken(token: DynamicLinkToken, key: Uint8Array): string {
  const { keyId, action, communicationId, contactId, objectId, expiresAt } = token;
  const body = Buffer.alloc(headLength + (objectId === null ? 0 : objectLength));
  body[0] = keyId;
  body[1] = dynamicLinkActions.indexOf(action);
  writeId(body, communicationId, 2);
  writeId(body, contactId, 18);
  body.writeUInt32BE(expiresAt ?? 0, 34);
  if (objectId !== null) writeId(body, objectId, headLength);
  return Buffer.concat([body, macOf('dynamic link', body, key, macLength)]).toString('base64url');
}

/** What the token says, where it was signed by us: undefined for any other text. Whether it has expired is for the caller to ask. */
export function readToken(text: string, keyOf: LinkKey): DynamicLinkToken | undefined {
  if (!/^[\w-]{72}$|^[\w-]{94}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  // The last letter may carry bits that say nothing: there is one spelling only.
  if (bytes.toString('base64url') !== text) return undefined;
  const body = bytes.subarray(0, bytes.length - macLength);
  const keyId = body[0] ?? 0;
  const key = keyOf(keyId);
  if (!key || !timingSafeEqual(bytes.subarray(body.length), macOf('dynamic link', body, key, macLength))) return undefined;
  const action = dynamicLinkActions[body[1] ?? -1];
  if (!action) return undefined;
  return {
    keyId,
    action,
    communicationId: readId(body, 2),
    contactId: readId(body, 18),
    objectId: body.length > headLength ? readId(body, headLength) : null,
    expiresAt: body.readUInt32BE(34) || null,
  };
}

/** What a short link says: the communication by its place in the order of creation, and which of its links. */
export interface ShortCode {
  seq: number;
  index: number;
}

/** Links of one text that can be shortened. */
export const mostLinks = 256;

/** Every code is so long: the length of a text is known before its communication is. */
export const codeLength = 20;
const codeHead = 6;
// 72 bits: nobody guesses one.
const codeMac = 9;

/**
 * The code of a communication's link. Nothing is stored for it: whoever follows it is led to what the communication says there.
 * The communication's id is signed with it, so that a database restored from a backup, which counts on from an older number,
 * never answers the links of messages that it does not know.
 */
export function writeCode({ seq, index }: ShortCode, communicationId: string, key: Uint8Array): string {
  const head = codeHeadOf(seq, index);
  return Buffer.concat([head, codeMacOf('short link', head, communicationId, key)]).toString('base64url');
}

/** What the code says, unproven: `isCodeOf` tells whether it is the communication's own. */
export function readCode(text: string): ShortCode | undefined {
  if (!/^[\w-]{20}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return { seq: bytes.readUIntBE(0, 5), index: bytes.readUInt8(5) };
}

export function isCodeOf(text: string, communicationId: string, key: Uint8Array): boolean {
  return isSigned('short link', text, communicationId, key);
}

/** The code of a communication's open pixel: of the same form, and signed for that purpose alone. */
export function writePixelCode(seq: number, communicationId: string, key: Uint8Array): string {
  const head = codeHeadOf(seq, 0);
  return Buffer.concat([head, codeMacOf('open pixel', head, communicationId, key)]).toString('base64url');
}

export function isPixelCodeOf(text: string, communicationId: string, key: Uint8Array): boolean {
  return isSigned('open pixel', text, communicationId, key);
}

type CodePurpose = 'short link' | 'open pixel';

function isSigned(purpose: CodePurpose, text: string, communicationId: string, key: Uint8Array): boolean {
  const bytes = Buffer.from(text, 'base64url');
  const head = bytes.subarray(0, codeHead);
  return bytes.length === codeHead + codeMac && timingSafeEqual(bytes.subarray(codeHead), codeMacOf(purpose, head, communicationId, key));
}

function codeHeadOf(seq: number, index: number): Buffer {
  const head = Buffer.alloc(codeHead);
  head.writeUIntBE(seq, 0, 5);
  head.writeUInt8(index, 5);
  return head;
}

function codeMacOf(purpose: CodePurpose, head: Buffer, communicationId: string, key: Uint8Array): Buffer {
  return macOf(purpose, Buffer.concat([head, idBytes(communicationId)]), key, codeMac);
}

/** The purpose is signed, too: a code is never taken for a token. */
function macOf(purpose: string, body: Uint8Array, key: Uint8Array, length: number): Buffer {
  return createHmac('sha256', key).update(`${purpose}\0`).update(body).digest().subarray(0, length);
}

function idBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

function writeId(target: Buffer, id: string, at: number): void {
  idBytes(id).copy(target, at);
}

function readId(source: Buffer, at: number): string {
  return source.toString('hex', at, at + 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
