// Asking ICU takes 0.1 ms, and a thousand contacts live in few zones. Bounded, because their spelling is free (europe/nicosia).
const zones = new Set<string>();
const zonesKept = 2_000;

/** A zone of the IANA database that PostgreSQL knows, too. */
export function isTimeZone(text: string): boolean {
  if (zones.has(text)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
  } catch {
    return false;
  }
  // Abbreviations (AET, VST) and bare offsets mean other things to PostgreSQL, or nothing.
  if (!text.includes('/') && !/^(utc|gmt)$/i.test(text)) return false;
  if (zones.size >= zonesKept) zones.clear();
  zones.add(text);
  return true;
}

/** A well-formed BCP 47 tag with a language that ICU has a name for. */
export function isLanguage(text: string): boolean {
  try {
    const locale = new Intl.Locale(text);
    const name = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }).of(locale.language);
    return name !== undefined;
  } catch {
    return false;
  }
}
