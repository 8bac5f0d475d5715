import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { pino } from 'pino';
import { afterAll, inject } from 'vitest';
import type { Role } from '../../src/access/viewer.js';
import { type App, createApp, type Overrides } from '../../src/app.js';
import { type Config, readConfig } from '../../src/config.js';
import { databaseUrl } from './server.js';

/** One GraphQL answer. */
export interface Answer<Data = Record<string, any>> {
  data?: Data | null;
  errors?: {
    message: string;
    path?: (string | number)[];
    extensions: { code: string; problems?: { path: (string | number)[]; code: string; message: string; offset?: number }[] };
  }[];
}

/** The real application on a database of its own, cloned from the migrated template. */
export interface TestApp extends App {
  readonly databaseUrl: string;
  /** Runs an operation over HTTP as that caller (default: ADMIN) and answers all of it. */
  ask<Data = Record<string, any>>(query: string, variables?: Record<string, unknown>, as?: Caller): Promise<Answer<Data>>;
  /** As `ask`, and fails where there are errors: the data alone. */
  call<Data = Record<string, any>>(query: string, variables?: Record<string, unknown>, as?: Caller): Promise<Data>;
  /** Rows of plain SQL, for counting outside the API. */
  sql<Row extends object = Record<string, any>>(text: string, parameters?: unknown[]): Promise<Row[]>;
}

export type Caller = Role | [role: Role, subject: string];

/** A fresh, migrated, empty database; dropped by the server's end. */
export async function cloneDatabase(): Promise<string> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  const admin = new Client({ connectionString: inject('adminUrl') });
  await admin.connect();
  try {
    // Cloning needs the template for itself; workers take turns.
    await admin.query('select pg_advisory_lock(7301956)');
    await admin.query(`create database ${name} template ${inject('templateName')}`);
  } finally {
    await admin.end();
  }
  return databaseUrl(inject('adminUrl'), name);
}

/** Opens the application for a test file and closes it after the last test of the file. */
export async function openApp(
  options: { env?: Record<string, string>; overrides?: Overrides; config?: Partial<Config> } = {},
): Promise<TestApp> {
  const url = options.env?.['DATABASE_URL'] ?? (await cloneDatabase());
  const environment = { PORT: '0', DATABASE_URL: url, DATA_DIR: mkdtempSync(join(tmpdir(), 'carillon-data-')), ...options.env };
  const app = await createApp(
    { ...readConfig(environment), ...options.config },
    { log: pino({ level: process.env['TEST_LOG'] ?? 'silent' }), ...options.overrides },
  );
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  const test: TestApp = Object.assign(app, {
    databaseUrl: url,
    async ask(query: string, variables: Record<string, unknown> = {}, as: Caller = 'ADMIN') {
      const [role, subject] = typeof as === 'string' ? [as, as.toLowerCase()] : as;
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await app.token(role, subject)}` },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as Answer<any>;
    },
    async call(query: string, variables: Record<string, unknown> = {}, as: Caller = 'ADMIN') {
      const answer = await test.ask(query, variables, as);
      if (answer.errors) throw new Error(JSON.stringify(answer.errors, null, 1));
      return answer.data as any;
    },
    async sql(text: string, parameters: unknown[] = []) {
      return (await client.query(text, parameters)).rows;
    },
  });
  afterAll(async () => {
    await client.end().catch(() => undefined);
    await test.close();
  });
  return test;
}

/** Waits until `check` answers something true; fails with what it answered last. */
export async function eventually<T>(check: () => Promise<T> | T, { withinMs = 10_000, everyMs = 25 } = {}): Promise<NonNullable<T>> {
  const deadline = Date.now() + withinMs;
  let last: T;
  do {
    last = await check();
    if (last) return last;
    await new Promise((done) => setTimeout(done, everyMs));
  } while (Date.now() < deadline);
  throw new Error(`Not within ${withinMs} ms; last: ${JSON.stringify(last)}`);
}
