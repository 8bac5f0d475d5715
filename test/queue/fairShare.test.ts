import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Tail } from '../../src/changes/tail.js';
import { leaseInTurn } from '../../src/queue/fairShare.js';

const begun = async () => await new Promise<void>((done) => setImmediate(done));
const tailOfItsOwn = () => ({}) as Tail; // It only names the process.

/** Time passes when it is told to. */
beforeEach(() => vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

/** Leases that end when they are told to: `order` is the one in which they began. */
function desk() {
  const tail = tailOfItsOwn();
  const order: string[] = [];
  const running: (() => void)[] = [];
  return {
    order,
    running,
    ask(system: string): Promise<void> {
      const lease = async () => {
        order.push(system);
        await new Promise<void>((done) => running.push(done));
      };
      return leaseInTurn(tail, system, lease);
    },
    /** Ends the lease that began first, after so many milliseconds; answers once whoever is next has begun. */
    async end(ms: number): Promise<void> {
      vi.advanceTimersByTime(ms);
      running.shift()?.();
      await begun();
    },
  };
}

test('G2 X1 a system that had no work lately does not wait for those with a backlog', async () => {
  const { ask, end, order } = desk();
  const asked = [ask('large'), ask('large'), ask('larger'), ask('larger')];
  await begun();
  for (const ms of [50, 0, 0, 0]) await end(ms);
  asked.push(ask('large'), ask('larger'), ask('large'), ask('larger'));
  await begun();
  expect(order.splice(0).length).toBe(6);
  asked.push(ask('small'));
  await begun();
  expect(order.splice(0)).toEqual(['small']);
  for (let n = 0; n < 5; n++) await end(50);
  await Promise.all(asked);
});

test('G2 systems with a backlog share what is leased, whoever asks more often', async () => {
  const { ask, end, order } = desk();
  const ends: Promise<unknown>[] = [];
  const keen = () => ends.push(ask('keen'));
  const calm = () => ends.push(ask('calm'));
  for (let n = 0; n < 6; n++) keen();
  calm();
  for (let n = 0; n < 40; n++) {
    const last = order.length;
    await end(10);
    // Who was served asks again: the keen one six at a time, the calm one by one.
    for (const system of order.slice(last)) system === 'keen' ? keen() : calm();
  }
  const share = order.filter((each) => each === 'calm').length / order.length;
  expect(share).toBeGreaterThan(0.4);
  for (let n = 0; n < 20; n++) await end(0);
  await Promise.all(ends);
});

test('G2 a system that is alone leases more at a time; the first lease of another one does not wait for them', async () => {
  const { ask, end, order } = desk();
  const first = ask('large');
  await begun();
  await end(50);
  await first;
  const asked = Array.from({ length: 9 }, () => ask('large'));
  await begun();
  expect(order.splice(0).length).toBe(5);
  asked.push(ask('small'));
  await begun();
  expect(order.splice(0)).toEqual(['small']);
  // From now on two are under way, and whoever has been given less goes first.
  for (let n = 0; n < 3; n++) await end(50);
  expect(order).toEqual([]);
  for (let n = 0; n < 12; n++) await end(50);
  await Promise.all(asked);
});

test('G2 systems whose workers look again and again, and find nothing, do not keep one that has work from its turns', async () => {
  const { ask, end, order } = desk();
  const asked: Promise<unknown>[] = [];
  const again = (system: string) => asked.push(ask(system));
  for (let n = 0; n < 14; n++) again(`empty ${n % 2}`);
  await begun();
  again('busy');
  for (let n = 0; n < 300; n++) {
    const last = order.length;
    await end(1);
    for (const system of order.slice(last)) again(system);
  }
  expect(order.filter((each) => each === 'busy').length).toBeGreaterThan(75);
  for (let n = 0; n < 20; n++) await end(1);
  await Promise.all(asked);
});

test('G2 what is shared is time: whose leases took long waits for those whose leases did not', async () => {
  const { ask, end, order } = desk();
  const asked = [ask('slow')];
  await begun();
  await end(100);
  asked.push(ask('quick'));
  await begun();
  await end(10);
  for (let n = 0; n < 6; n++) asked.push(ask('others'));
  await begun();
  order.splice(0);
  asked.push(ask('slow'), ask('slow'), ask('quick'), ask('quick'));
  for (let n = 0; n < 6; n++) await end(1);
  expect(order).toEqual(['quick', 'quick']);
  for (let n = 0; n < 4; n++) await end(1);
  await Promise.all(asked);
});

test('G2 whoever has waited long enough for its turn is told so, and takes no place', async () => {
  const tail = tailOfItsOwn();
  const ends: (() => void)[] = [];
  const lease = async () => await new Promise<void>((done) => ends.push(done));
  const asked = Array.from({ length: 9 }, () =>
    leaseInTurn(tail, 'slow', lease, 10_000).then(
      () => 'leased',
      ({ code }) => code as string,
    ),
  );
  await begun();
  const first = ends.length;
  vi.advanceTimersByTime(10_000);
  await begun();
  expect(ends.length).toBe(first);
  for (const end of ends) end();
  const answers = await Promise.all(asked);
  expect(answers.toSorted()).toEqual([...Array(9 - first).fill('UNAVAILABLE'), ...Array(first).fill('leased')]);
  expect(await leaseInTurn(tail, 'slow', async () => 1, 10_000)).toBe(1);
});

test('G2 a lease that fails gives its place to the next one', async () => {
  const tail = tailOfItsOwn();
  const failing = Array.from({ length: 10 }, () => leaseInTurn(tail, 'a', async () => await Promise.reject(new Error('away'))));
  for (const each of failing) await expect(each).rejects.toThrow('away');
  expect(await leaseInTurn(tail, 'a', async () => [1])).toEqual([1]);
});
