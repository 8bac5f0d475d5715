import { expect, test } from 'vitest';
import { openApp } from '../support/app.js';
import { fill, makeSystem } from '../support/queue.js';
import { dial } from '../support/raw-socket.js';

const app = await openApp({ env: { ROLE: 'api' } });

test('what clients have begun over their sockets is finished before the process lets go of the database', async () => {
  const system = await makeSystem(app);
  await fill(app, system, 500);
  const line = await dial(app, `Bearer ${await app.token(...system.as)}`);
  const query = 'mutation { leaseQueueEntries(input: { limit: 1 }) { entries { id } } }';
  for (let n = 0; n < 60; n++) line.send({ id: `${n}`, type: 'subscribe', payload: { query } });
  await line.until((each) => each.type === 'next');
  await app.close();
  expect(line.closed()).toBe(1001);
  const [held] = await app.sql<{ n: number }>('select count(*)::int as n from queue_entry where lease_token is not null');
  expect(held?.n).toBe(60);
});
