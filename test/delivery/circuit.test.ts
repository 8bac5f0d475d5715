import { expect, test } from 'vitest';
import { makeCircuit } from '../../src/delivery/circuit.js';

function circuitAt(clock: { now: number }) {
  return makeCircuit({ failures: 5, baseMs: 1_000, capMs: 8_000, now: () => clock.now, random: () => 1 });
}

function fail(circuit: ReturnType<typeof circuitAt>, times: number): void {
  for (let time = 0; time < times; time++) circuit.failed();
}

test('a few failures among answers change nothing', () => {
  const circuit = circuitAt({ now: 0 });
  fail(circuit, 4);
  circuit.answered();
  fail(circuit, 4);
  expect(circuit.allowance()).toBe(Number.POSITIVE_INFINITY);
});

test('the fifth failure in a row pauses, then one probe may go', () => {
  const clock = { now: 0 };
  const circuit = circuitAt(clock);
  fail(circuit, 5);
  expect([circuit.allowance(), circuit.remainingMs()]).toEqual([0, 1_000]);
  clock.now = 1_000;
  expect(circuit.allowance()).toBe(1);
});

test('each failed probe doubles the pause, up to the cap', () => {
  const clock = { now: 0 };
  const circuit = circuitAt(clock);
  fail(circuit, 5);
  const pauses: number[] = [];
  for (let probe = 0; probe < 6; probe++) {
    pauses.push(circuit.remainingMs());
    clock.now += circuit.remainingMs();
    circuit.failed();
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
});

test('failures of what was under way when it opened do not lengthen the pause', () => {
  const circuit = circuitAt({ now: 0 });
  fail(circuit, 15);
  expect(circuit.remainingMs()).toBe(1_000);
});

test('an answered probe lets all go again', () => {
  const clock = { now: 0 };
  const circuit = circuitAt(clock);
  fail(circuit, 5);
  clock.now = 1_000;
  circuit.answered();
  expect([circuit.allowance(), circuit.remainingMs()]).toEqual([Number.POSITIVE_INFINITY, 0]);
});
