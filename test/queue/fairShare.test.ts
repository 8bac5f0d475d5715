import { expect, test } from 'vitest';
import type { Tail } from '../../src/changes/tail.js';
import { leaseInTurn } from '../../src/queue/fairShare.js';

const begun = async () => await new Promise<void>((done) => setImmediate(done));
const sizeOf = ({ length }: readonly unknown[]) => length;
const tailOfItsOwn = () => ({}) as Tail; // It only names the process.

/** Leases that end when they are told to: `order` is the one in which they began. */
function desk() {
  const tail = tailOfItsOwn();
  const order: string[] = [];
  const running: { system: string; end(count: number): void }[] = [];
  return {
    order,
    running,
    ask(system: string): Promise<readonly unknown[]> {
      const lease = async () => {
        order.push(system);
        return await new Promise<unknown[]>((done) => running.push({ system, end: (count) => done(Array(count).fill(0)) }));
      };
      return leaseInTurn(tail, system, lease, sizeOf);
    },
    /** Ends the lease that began first; answers once whoever is next has begun. */
    async end(count: number): Promise<void> {
      running.shift()?.end(count);
      await begun();
    },
  };
}

test('G2 X1 a system that had no work lately does not wait for those with a backlog', async () => {
  const { ask, end, order } = desk();
  const asked = [ask('large'), ask('large'), ask('larger'), ask('larger')];
  await begun();
  for (let n = 0; n < 4; n++) await end(50);
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
  for (let n = 0; n < 100; n++) {
    const last = order.length;
    await end(0);
    for (const system of order.slice(last)) again(system);
  }
  expect(order.filter((each) => each === 'busy').length).toBeGreaterThan(20);
  for (let n = 0; n < 20; n++) await end(0);
  await Promise.all(asked);
});

test('G2 a lease that fails gives its place to the next one', async () => {
  const tail = tailOfItsOwn();
  const failing = Array.from({ length: 10 }, () => leaseInTurn(tail, 'a', async () => await Promise.reject(new Error('away')), sizeOf));
  for (const each of failing) await expect(each).rejects.toThrow('away');
  expect(await leaseInTurn(tail, 'a', async () => [1], sizeOf)).toEqual([1]);
});
