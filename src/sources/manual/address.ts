import { readEmail, readPhone } from '../../audience/address.js';
import type { ContactRow } from '../../audience/load.js';
import type { Medium } from '../../catalogue/medium.js';
import type { Problems } from '../../errors.js';

export interface Addressing {
  contact: ContactRow;
  medium: Medium;
  /** As it was typed; null: the contact's primary one. */
  to: string | null;
  /** Without an address it cannot leave. */
  needed: boolean;
  /** Whose national phone numbers are understood (Settings.countries). */
  countries: readonly string[];
  path: (string | number)[];
  problems: Problems;
}

/** The address that a communication goes to: the one given, checked, or the contact's primary one for the medium. */
export function addressOf({ contact, medium, to, needed, path, problems, countries }: Addressing): string | null {
  const kind = kindOf(medium);
  if (kind === null) return to;
  if (to !== null) return readAddress(medium, to, [...path, 'to'], problems, countries);
  const primary = kind === 'EMAIL' ? contact.email : contact.phone;
  if (primary === null && needed && medium !== 'PHONE') {
    const what = kind === 'EMAIL' ? 'e-mail address' : 'phone number';
    problems.add([...path, 'to'], 'NO_ADDRESS', `${contact.name} has no ${what}; give \`to\`.`);
  }
  return primary;
}

/** An address as it is kept, or null and a problem. Media without addresses of ours take any. */
export function readAddress(
  medium: Medium,
  to: string,
  path: (string | number)[],
  problems: Problems,
  countries: readonly string[] = [],
): string | null {
  const kind = kindOf(medium);
  if (kind === null) return to;
  const { address, problem } = kind === 'EMAIL' ? readEmail(to) : readPhone(to, countries);
  if (problem) problems.add(path, problem.code, problem.message);
  return address ?? null;
}

function kindOf(medium: Medium): 'EMAIL' | 'PHONE' | null {
  if (medium === 'EMAIL') return 'EMAIL';
  return ['SMS', 'WHATSAPP', 'PHONE'].includes(medium) ? 'PHONE' : null;
}
