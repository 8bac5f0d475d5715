import type { Medium } from '../catalogue/medium.js';
import type { Settings } from '../settings/settings.js';
import { characterCount, smsSegments } from './length.js';

/** How long a text may be; null: as long as one likes. Both hold where both are given. */
export interface Limits {
  readonly characters: number | null;
  /** SMS that one text may take. */
  readonly segments: number | null;
}

/** The lower of the medium's limit and the external system's counts (X18). SMS may be limited by segments instead (AMB-19). */
export function limitsOf(
  { characterLimits, smsMaxSegments }: Pick<Settings, 'characterLimits' | 'smsMaxSegments'>,
  medium: Medium,
  ofSystem: number | null,
): Limits {
  const segments = medium === 'SMS' ? smsMaxSegments : null;
  const ofMedium = segments === null ? (characterLimits[medium] ?? null) : null;
  const characters = ofMedium !== null && ofSystem !== null ? Math.min(ofMedium, ofSystem) : (ofMedium ?? ofSystem);
  return { characters, segments };
}

export function isLimited({ characters, segments }: Limits): boolean {
  return characters !== null || segments !== null;
}

export function isTooLong(text: string, { characters, segments }: Limits): boolean {
  return (characters !== null && characterCount(text) > characters) || (segments !== null && smsSegments(text) > segments);
}

/** The limits in words: `160 characters`. */
export function limitWords({ characters, segments }: Limits): string {
  const words = [characters === null ? '' : `${characters} characters`, segments === null ? '' : `${segments} SMS`];
  return words.filter((each) => each !== '').join(' or ');
}
