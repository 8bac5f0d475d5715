const [dot, space, zero] = [46, 32, 48];
const zone = '+00';

/** `2027-01-02 03:04:05.`, and its time. */
let second = '-';
let startOfSecond = 0;

/**
 * An instant as PostgreSQL writes it for a session in UTC: `2027-01-02 03:04:05.678901+00`, without the zeros at the end of the
 * fraction. Rows that are read together mostly lie in one second, which is then read once.
 */
export function readInstant(text: string): Date {
  if (!text.endsWith(zone) || text.charCodeAt(10) !== space) return new Date(text);
  if (text.startsWith(second)) return new Date(startOfSecond + millisecondsOf(text));
  // In the form of ISO: written as it is, a year below 100 would be one of the last century.
  const at = new Date(`${text.slice(0, 10)}T${text.slice(11, -zone.length)}Z`);
  if (text.charCodeAt(19) === dot) {
    second = text.slice(0, 20);
    startOfSecond = at.getTime() - millisecondsOf(text);
  }
  return at;
}

/** The first three digits of the fraction, as far as they are written. */
function millisecondsOf(text: string): number {
  const end = text.length - zone.length;
  let ms = 0;
  for (let place = 20, unit = 100; place < end && unit >= 1; place++, unit /= 10) ms += (text.charCodeAt(place) - zero) * unit;
  return ms;
}
