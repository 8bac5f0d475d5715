import type { Context } from '../context.js';
import type { Problems } from '../errors.js';

/** An address longer than this is none that browsers and mail programs agree on. */
const longest = 2_000;

/** An ordinary host: letters, digits and dots; or an IPv6 address in brackets. Then perhaps a port, a path, a query, a fragment. */
const shape = /^https?:\/\/(?:[\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}])?\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:[/?#]|$)/iu;

/**
 * Whether a text is a web address that a reader may be sent to: http or https, a plain host without a user name, and nothing that
 * programs read differently (blanks, controls, backslashes). `//evil`, `https:evil`, `https://good@evil`, `javascript:` are not.
 */
export function isWebAddress(text: string): boolean {
  return (
    text.length <= longest &&
    text.isWellFormed() &&
    shape.test(text) &&
    !/[\s\p{C}\\<>"`{}|^]/u.test(text) &&
    URL.canParse(text) &&
    isPlain(new URL(text))
  );
}

function isPlain({ protocol, username, password, hostname }: URL): boolean {
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '' && hostname !== '';
}

/** An address that operators may set: https; http only to this machine, outside production. */
export function isOperatorAddress(text: string, production: boolean): boolean {
  if (!isWebAddress(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (!production && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}

/** Adds what is wrong with an address that operators set. `end`: what follows it, where it is the beginning of addresses only. */
export function checkAddress(
  { config: { production } }: Pick<Context, 'config'>,
  given: string | null | undefined,
  path: (string | number)[],
  problems: Problems,
  end?: string,
): void {
  if (given == null) return;
  if (!isOperatorAddress(given, production)) {
    const http = production ? '' : ' (http only to localhost)';
    const message = `${JSON.stringify(given.slice(0, 80))} is no address that a reader may be sent to: give one with https://${http}, a host, and no user name, blank or backslash.`;
    problems.add(path, 'INVALID_URL', message);
  } else if (end !== undefined && /[?#]/.test(given))
    problems.add(path, 'INVALID_URL', `An end point has no query and no fragment; give the address that ${end} follows.`);
}
