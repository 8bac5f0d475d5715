import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { seedCompany } from '../src/cli/demo/setup.js';
import { packageRoot } from '../src/files.js';
import { eventually, openApp, type TestApp } from './support/app.js';
import { subscribe } from './support/live.js';

// Every operation of the playground, on the company that the demo seeds, as the comment above it says.
const app = await openApp({ config: { demo: true } });
const folder = join(packageRoot, 'examples');
const files = readdirSync(folder).filter((each) => each.endsWith('.graphql'));
const known: Record<string, unknown> = {};

beforeAll(async () => {
  await seedCompany(app.context());
}, 60_000);

const admin: Parameters<TestApp['call']>[2] = ['ADMIN', 'admin'];
const anna: ['CONTACT', string] = ['CONTACT', 'C0001'];

/** What a reader of the comments would put into the variables, from what the earlier examples answered. */
async function variablesOf(file: string): Promise<Record<string, unknown>> {
  if (!readdirSync(folder).includes(file.replace('.graphql', '.variables.json'))) return {};
  const asked = Object.keys(JSON.parse(readFileSync(join(folder, file.replace('.graphql', '.variables.json')), 'utf8')) as object);
  return Object.fromEntries(await Promise.all(asked.map(async (name) => [name, await valueFor(name)])));
}

async function valueFor(name: string): Promise<unknown> {
  if (name in known) return known[name];
  if (name === 'externalSystemId') return (await app.call('{ externalSystem(code: "portal") { id } }')).externalSystem.id;
  if (name === 'segmentIds')
    return (await app.call('{ segments(first: 1) { nodes { id } } }')).segments.nodes.map((each: { id: string }) => each.id);
  if (name === 'templateId') {
    const { templates } = await app.call('{ templates(first: 50) { nodes { id medium } } }');
    return templates.nodes.find((each: { medium: string }) => each.medium === 'EMAIL').id;
  }
  const inbox = await eventually(async () => {
    const { nodes } = (await app.call('{ inbox { nodes { id } } }', {}, anna)).inbox;
    return nodes.length >= 2 ? nodes : undefined;
  });
  if (name === 'complete') return [{ id: inbox[0].id }];
  if (name === 'remove') return [{ id: inbox[1].id }];
  throw new Error(`No value is known for the variable ${name}`);
}

test('there are examples', () => expect(files.length).toBeGreaterThan(10));

for (const file of files) {
  test(`${file} runs as it stands`, async () => {
    const query = readFileSync(join(folder, file), 'utf8');
    const asContact = /Token: C0001/.test(query);
    const variables = await variablesOf(file);
    if (/^subscription/m.test(query)) {
      const live = await subscribe(app, query, variables, asContact ? anna : ['ADMIN', 'admin']);
      await live.until((each) => each.kind === 'SYNCED' || each.state === 'COMPLETED');
      return;
    }
    const data = await app.call(query, variables, asContact ? anna : admin);
    for (const payload of Object.values<any>(data)) {
      if (payload?.plan?.id) known['planId'] = payload.plan.id;
      if (payload?.run?.id) known['runId'] = payload.run.id;
      for (const result of payload?.results ?? []) expect(result.error).toBeNull();
    }
  });
}
