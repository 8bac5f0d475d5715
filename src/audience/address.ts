import { domainToASCII } from 'node:url';
import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** An address as it is kept, or what is wrong with it. */
export type AddressReading = { address: string; problem?: undefined } | { address?: undefined; problem: { code: string; message: string } };

// RFC 5321: 64 octets before the @, 255 for the domain, and 254 for the two together (RFC 3696, erratum 1690).
const greatestLocal = 64;
const greatestEmail = 254;
// The dot-atom of RFC 5322. Quoted local parts are left out on purpose: blanks, commas and line breaks in an address are how
// an envelope is redirected, and nobody's address needs them.
const local = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** Checks an e-mail address; kept as it was given. The domain may be an international one. */
export function readEmail(text: string): AddressReading {
  const at = text.lastIndexOf('@');
  const name = text.slice(0, at);
  if (at < 1 || text.length > greatestEmail || name.length > greatestLocal || !local.test(name) || !isDomain(text.slice(at + 1))) {
    return {
      problem: {
        code: 'INVALID_EMAIL',
        message: `${JSON.stringify(text.slice(0, 80))} is no e-mail address; give one such as maria@example.org, at most ${greatestEmail} characters, without name, blanks or commas.`,
      },
    };
  }
  return { address: text };
}

function isDomain(domain: string): boolean {
  // Checked before the conversion, which would drop or map what must not stand in an address.
  if (!/^[\p{L}\p{N}\p{M}.-]+$/u.test(domain)) return false;
  const labels = domainToASCII(domain).split('.');
  return labels.length > 1 && labels.every((each) => label.test(each)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

/**
 * Reads a phone number; kept as E.164 (`+35799123456`). An international one of a possible length passes, in use or not: new
 * ranges open, and reserved ones serve for tests. One without + is that of the first of these countries that has such numbers.
 */
export function readPhone(text: string, countries: readonly string[] = []): AddressReading {
  const number = text.startsWith('+') ? international(text) : national(text, countries);
  if (number !== undefined) return { address: number };
  const orHere = countries.length > 0 ? `, or as it is dialled in ${countries.join(', ')}` : '';
  return {
    problem: {
      code: 'INVALID_PHONE',
      message: `${JSON.stringify(text.slice(0, 80))} is no phone number; give it internationally, such as +35799123456${orHere}.`,
    },
  };
}

function international(text: string): string | undefined {
  const number = /^\+[\d\s().\-/]{5,30}$/.test(text) ? parsePhoneNumberFromString(text, { extract: false }) : undefined;
  return number?.isPossible() ? number.number : undefined;
}

function national(text: string, countries: readonly string[]): string | undefined {
  if (!/^[\d\s().\-/]{4,30}$/.test(text)) return undefined;
  const readings = countries
    .filter((each) => isSupportedCountry(each))
    .map((each) => parsePhoneNumberFromString(text, { defaultCountry: each, extract: false }));
  // Numbers of one country can have the length of another's: ranges that are in use there decide, if any do.
  return (readings.find((each) => each?.isValid()) ?? readings.find((each) => each?.isPossible()))?.number;
}
