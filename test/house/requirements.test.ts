import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/files.js';

/** Groups of requirements, and the numbers of their rows. */
const groups: Readonly<Record<string, readonly (readonly [from: number, to: number])[]>> = {
  C: [[1, 32]],
  E: [[1, 16]],
  F: [[1, 5]],
  // biome-ignore format: a range a line says nothing more
  G: [[1, 10], [20, 89]],
  J: [[1, 7]],
  K: [[1, 7]],
  L: [[1, 7]],
  N: [[1, 36]],
  O: [[1, 15]],
  P: [[1, 25]],
  Q: [[1, 20]],
  R: [[1, 10]],
  SG: [[1, 5]],
  T: [[1, 17]],
  U: [[1, 6]],
  W: [[1, 3]],
  X: [[1, 19]],
  Z: [[1, 9]],
};

/** Rows of these groups that are not met yet. */
const toCome = new Set<string>();

test('every requirement of these groups has a test whose name carries its id', () => {
  const all = Object.entries(groups).flatMap(([group, ranges]) => ranges.flatMap(([from, to]) => idsOf(group, from, to)));
  const named = namedIds();
  const missing = all.filter((id) => !named.has(id) && !toCome.has(id));
  expect(missing).toEqual([]);
  expect([...toCome].filter((id) => !all.includes(id))).toEqual([]);
});

test('ids are read from names, from ranges, and from the tables of test.each', () => {
  const source = `test('G1 T2 to T4 one', () => { const id = 'C1'; });
    test.each([['G83', 'D4', "it's (so"], ['x', 'U1 is no id of its own']])('%s, %s a row', () => {});
    test.each(['L1'])('a name without places', () => {});`;
  expect(idsIn(source).toSorted()).toEqual(['D4', 'G1', 'G83', 'T2', 'T3', 'T4']);
});

function idsOf(group: string, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${group}${from + index}`);
}

function namedIds(): Set<string> {
  const files = readdirSync(join(packageRoot, 'test'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  // This file's own examples prove nothing.
  const others = files.filter((file) => !file.endsWith('requirements.test.ts'));
  return new Set(others.flatMap((file) => idsIn(readFileSync(join(packageRoot, 'test', file), 'utf8'))));
}

function idsIn(source: string): string[] {
  return [...source.matchAll(/\b(?:test|describe)(\.\w+)?(?:<[^()]*>)?\(/g)].flatMap((call) => {
    const open = call.index + call[0].length;
    if (call[1] !== '.each') return idsInName(stringAt(source, open));
    const end = endOfArguments(source, open);
    const name = stringAt(source, source.indexOf('(', end) + 1);
    const cells = /[%$]/.test(name) ? [...source.slice(open, end).matchAll(/(['"`])([A-Z]{1,2}\d+)\1/g)].map(([, , id = '']) => id) : [];
    return [...cells, ...idsInName(name)];
  });
}

function idsInName(name: string): string[] {
  return [...name.matchAll(/\b([A-Z]{1,2})(\d+)(?: to \1(\d+))?/g)].flatMap(([, group = '', from, to]) =>
    idsOf(group, Number(from), Number(to ?? from)),
  );
}

/** The string that begins here, blanks passed over; nothing where none does. */
function stringAt(source: string, from: number): string {
  const found = /\s*(['"`])((?:\\.|(?!\1).)*)\1/sy;
  found.lastIndex = from;
  return found.exec(source)?.[2] ?? '';
}

/** Behind the parenthesis that closes the one before `from`; those in strings and comments do not count. */
function endOfArguments(source: string, from: number): number {
  let depth = 1;
  const pieces = /(['"`])(?:\\.|(?!\1).)*\1|\/\/[^\n]*|[()]/gs;
  pieces.lastIndex = from;
  for (let piece = pieces.exec(source); piece; piece = pieces.exec(source)) {
    if (piece[0] === '(') depth += 1;
    if (piece[0] === ')') depth -= 1;
    if (depth === 0) return pieces.lastIndex;
  }
  return source.length;
}
