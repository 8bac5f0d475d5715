import { expect, test, vi } from 'vitest';
import { showProgress } from '../../src/cli/import/progress.js';

/** What is written while an import of 10 rows, 300 ms each, goes on. */
function shown(isTTY: boolean): string {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    let text = '';
    const progress = showProgress({
      isTTY,
      write: (each) => {
        text += each;
      },
    });
    for (let rows = 1; rows <= 10; rows++) {
      vi.advanceTimersByTime(300);
      progress.at({ bytes: rows * 10, ofBytes: 100, rows, problems: rows > 8 ? 1 : 0 });
    }
    progress.end();
    return text;
  } finally {
    vi.useRealTimers();
  }
}

test('a terminal sees a bar that is drawn over itself', () => {
  const drawings = shown(true).split('\r');
  expect(drawings).toHaveLength(12);
  expect(drawings[5]).toContain('███████████████░░░░░░░░░░░░░░░  50 %  5 rows');
  expect(drawings.at(-1)).toContain('100 %  10 rows  3 rows/s  problems: 1');
});

test('elsewhere there is a line a second, and the last one', () => {
  const lines = shown(false).trimEnd().split('\n');
  expect(lines.map((each) => each.trim().split(' ')[0])).toEqual(['40', '80', '100']);
});

test('without a display nothing happens', () => {
  const progress = showProgress(undefined);
  progress.at({ bytes: 1, ofBytes: 1, rows: 1, problems: 0 });
  expect(() => progress.end()).not.toThrow();
});
