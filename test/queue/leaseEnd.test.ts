import { afterEach, expect, test, vi } from 'vitest';
import { hasEnded, leaseEnd } from '../../src/queue/leaseEnd.js';

afterEach(() => vi.useRealTimers());

test.each([
  ['while the process stood still', ['performance'] as const],
  ['while the whole machine stood still, and only the time of day was set right', ['Date'] as const],
])('PR4 a lease has ended once its time has passed %s', (_name, toFake) => {
  vi.useFakeTimers({ toFake: [...toFake] });
  const end = leaseEnd(60);
  vi.advanceTimersByTime(59_999);
  expect(hasEnded(end)).toBe(false);
  vi.advanceTimersByTime(1);
  expect(hasEnded(end)).toBe(true);
});
