/** A code made from a name: `Summer offer (GR)` becomes `summer-offer-gr`. Unique only as far as the name is. */
export function codeFrom(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '');
  const code = plain
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  const ascii = /^[a-z0-9-]+$/.test(code)
    ? code
    : [...code].map((letter) => (/[a-z0-9-]/.test(letter) ? letter : letter.codePointAt(0)?.toString(36))).join('');
  return ascii.slice(0, 100) || 'unnamed';
}
