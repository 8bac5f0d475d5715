// Writes the table of settings into README.md, between its markers.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from './build.mjs';

build();
const { settingsTable } = await import('../dist/src/cli/settings-table.js');
const file = join(dirname(import.meta.dirname), 'README.md');
const text = readFileSync(file, 'utf8');
writeFileSync(
  file,
  text.replace(/(<!-- settings -->\n)[\s\S]*?(<!-- \/settings -->)/, (_all, begin, end) => `${begin}${settingsTable()}\n${end}`),
);
