import type { App } from '../app.js';
import { versionOf } from '../version.js';
import type { Out } from './verb.js';

/** Every address, and what this process does; with --json as one line that says `"event":"ready"`. */
export function announce(app: App, out: Out, more: object = {}): void {
  const { url, config } = app;
  const addresses = addressesOf(app);
  out.tell({ event: 'ready', version: versionOf(), url, role: config.role, deliveryMode: config.deliveryMode, addresses, ...more });
  out.say(`Carillon ${versionOf()} is ready.`);
  out.say();
  for (const [name, address] of Object.entries(addresses)) out.say(`  ${name.padEnd(12)}${address}`);
  out.say();
  out.say(`  role        ${config.role}`);
  out.say(`  delivery    ${config.deliveryMode === 'live' ? 'live' : 'sandbox: nothing leaves this machine'}`);
  out.say(`  PostgreSQL  ${config.databaseUrl ? 'of DATABASE_URL' : `embedded in ${config.dataDir}`}`);
  out.say(`  clocks      ${config.mongodbUrl ? 'in the MongoDB of MONGODB_URL' : 'in PostgreSQL'}`);
  out.say();
}

export function addressesOf({
  url,
  config,
}: App): Record<'start' | 'graphql' | 'inbox' | 'sandbox' | 'health' | 'ready' | 'metrics', string> {
  return {
    start: `${url}/`,
    graphql: `${url}/graphql`,
    ...(config.playground && { playground: `${url}/playground` }),
    inbox: `${url}/inbox`,
    sandbox: `${url}/sandbox`,
    health: `${url}/healthz`,
    ready: `${url}/readyz`,
    metrics: `${url}/metrics`,
  };
}
