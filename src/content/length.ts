/** What a person would count: characters, not the units of an encoding. */
export function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

// GSM 03.38: what takes one septet, and what takes two (an escape before it).
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const extended = new Set('\f^{}\\[~]|€');

/** How many SMS a text takes (AMB-19): 160 GSM-7 septets in one, 153 in each of several; with any other character 70 and 67 UCS-2 units. */
export function smsSegments(text: string): number {
  const characters = [...text];
  const isGsm = characters.every((each) => basic.has(each) || extended.has(each));
  const sizes = characters.map((each) => (isGsm ? (extended.has(each) ? 2 : 1) : each.length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const [single, part] = isGsm ? [160, 153] : [70, 67];
  if (total <= single) return total === 0 ? 0 : 1;
  let segments = 1;
  let room = part;
  // A character of two units is not cut in half: it begins the next segment.
  for (const size of sizes) {
    if (size > room) {
      segments += 1;
      room = part;
    }
    room -= size;
  }
  return segments;
}
