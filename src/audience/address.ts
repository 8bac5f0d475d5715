import { domainToASCII } from 'node:url';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

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
 * Reads an international phone number; kept as E.164 (`+35799123456`). Any number of a possible length passes, in use or not:
 * new ranges open, and reserved ones serve for tests.
 */
export function readPhone(text: string): AddressReading {
  const shaped = /^\+[\d\s().\-/]{5,30}$/.test(text);
  const number = shaped ? parsePhoneNumberFromString(text, { extract: false }) : undefined;
  if (number?.isPossible()) return { address: number.number };
  return {
    problem: {
      code: 'INVALID_PHONE',
      message: `${JSON.stringify(text.slice(0, 80))} is no phone number; give it internationally, such as +35799123456.`,
    },
  };
}
