const mostCharacters = 150;
/** A file system's limit; names in other scripts take several bytes a character. */
const mostBytes = 240;

/**
 * What is wrong with a file's name, in words; undefined where nothing is. A name is shown to people and handed to their machines:
 * no folders, no characters that are not seen or turn the reading direction round (`exe.fdp` shown as `pdf.exe`).
 */
export function nameProblem(name: string): string | undefined {
  if (name.trim() === '') return 'The file needs a name.';
  if (name.length > mostCharacters || Buffer.byteLength(name) > mostBytes)
    return `The name of a file has at most ${mostCharacters} characters and ${mostBytes} bytes.`;
  if (/[/\\]/.test(name)) return 'The name of a file has no path: no / and no \\.';
  if (!name.isWellFormed() || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u.test(name))
    return 'The name of a file has no control characters, and none that are invisible or turn the reading direction.';
  if (/[<>:"|?*]/.test(name)) return 'The name of a file has none of < > : " | ? *.';
  if (/^[.\s]|[.\s]$/u.test(name)) return 'The name of a file neither begins nor ends with a dot or a blank.';
  if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name)) return `${name} is the name of a device on some machines; take another.`;
  return undefined;
}

/** `.PDF` of `Bill 3.PDF` as `pdf`; empty where there is none. */
export function extensionOf(name: string): string {
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}
