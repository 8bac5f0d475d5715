import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { schemaOf } from '../../src/api.js';
import { checkCondition } from '../../src/catalogue/check-condition.js';
import type { Condition } from '../../src/catalogue/condition.js';
import { conditionsPage } from '../../src/cli/conditions-page.js';
import { tagsPage } from '../../src/cli/tags-page.js';
import { lex } from '../../src/content/lex.js';
import { Problems } from '../../src/errors.js';
import { packageRoot } from '../../src/files.js';

const read = (file: string) => readFileSync(join(packageRoot, 'docs', file), 'utf8');

test('docs/tags.md and docs/conditions.md are what the catalogue says (npm run docs writes them)', () => {
  expect(read('tags.md')).toBe(tagsPage());
  expect(read('conditions.md')).toBe(conditionsPage(schemaOf()));
});

test('every tag that the page shows is one', () => {
  const shown = [...read('tags.md').matchAll(/^\| `(#[a-z_.]+)` \|.*\|.*\|.*\|/gm)].map(([, tag = '']) => tag);
  expect(shown.length).toBeGreaterThan(130);
  expect(shown.filter((tag) => typeof lex(tag, 'TEXT').tokens[0] === 'string')).toEqual([]);
});

test('every example of a condition can be saved', () => {
  const examples = [...read('conditions.md').matchAll(/```json\n([\s\S]*?)\n```/g)].map(([, text = '']) => JSON.parse(text) as Condition);
  expect(examples.length).toBeGreaterThanOrEqual(4);
  for (const example of examples) {
    const problems = new Problems();
    checkCondition(example, problems, []);
    expect(problems.list).toEqual([]);
  }
});
