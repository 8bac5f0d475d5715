import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { settingsTable } from '../../src/cli/settings-table.js';
import { packageRoot } from '../../src/files.js';

const read = (file: string) => readFileSync(join(packageRoot, file), 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdownIn('docs')];

test('the README’s table of settings is that of config.ts (npm run readme writes it)', () => {
  expect(/<!-- settings -->\n([\s\S]*?)\n<!-- \/settings -->/.exec(read('README.md'))?.[1]).toBe(settingsTable());
});

test('every link within the project leads somewhere', () => {
  const dead = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target = '']) => ({ page, target })),
  );
  expect(dead.filter(({ page, target }) => !existsSync(join(packageRoot, dirname(page), target)))).toEqual([]);
});

test('every npm script that is mentioned exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const mentioned = pages.flatMap((page) => [...read(page).matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name = '']) => name));
  expect([...new Set(mentioned)].filter((name) => !(name in scripts))).toEqual([]);
});

test('every row of the coverage names a requirement once, and tests that exist', () => {
  const rows = read('docs/coverage.md')
    .split('\n')
    .filter((line) => /^\| [A-Z]+-?\d/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows.length).toBeGreaterThan(50);
  const ids = rows.map(([, id = '']) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  const wrong = rows.filter((cells) => {
    const tests = [...(cells[4] ?? '').matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, file = '']) => file);
    return tests.length === 0 || tests.some((file) => !existsSync(join(packageRoot, file)));
  });
  expect(wrong.map(([, id]) => id)).toEqual([]);
});

test('CONTRIBUTING has at most 100 lines', () => {
  expect(read('CONTRIBUTING.md').split('\n').length).toBeLessThanOrEqual(101);
});

function markdownIn(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
}
