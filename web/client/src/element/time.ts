const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** "3 minutes ago" in the reader's language; older than a day, the date. */
export function ago(instant: string, language: string, now = Date.now()): string {
  const passed = now - Date.parse(instant);
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  if (passed < minuteMs) return format.format(-Math.max(0, Math.round(passed / 1_000)), 'second');
  if (passed < hourMs) return format.format(-Math.round(passed / minuteMs), 'minute');
  if (passed < dayMs) return format.format(-Math.round(passed / hourMs), 'hour');
  return fullTime(instant, language);
}

export function fullTime(instant: string, language: string): string {
  return new Date(instant).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
}

export function clockTime(instant: number, language: string): string {
  return new Date(instant).toLocaleTimeString(language, { hour12: false });
}
