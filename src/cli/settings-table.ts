import { settings } from '../config.js';

/** The README's table of settings; `npm run readme` puts it there, and a test keeps it equal. */
export function settingsTable(): string {
  const rows = settings.map(({ name, fallback, meaning }) => `| \`${name}\` | ${fallback.replaceAll('<', '\\<')} | ${meaning} |`);
  return ['| name | default | meaning |', '|---|---|---|', ...rows].join('\n');
}
