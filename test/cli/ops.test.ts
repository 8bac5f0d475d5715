import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { schemaOf } from '../../src/api.js';
import { packageRoot } from '../../src/files.js';
import { printed } from '../../src/graphql/schema.js';
import { cloneDatabase, openApp } from '../support/app.js';
import { carillon, dataDir } from './command.js';

const verbs = [
  ['demo'],
  ['start'],
  ['migrate'],
  ['seed'],
  ['import'],
  ['token', 'create'],
  ['doctor'],
  ['config', 'print'],
  ['schema', 'print'],
  ['schedule', 'rebuild'],
];

test('every verb explains itself with an example, and speaks JSON', async () => {
  for (const verb of verbs) {
    const { code, stdout } = await carillon([...verb, '--help']);
    expect({ verb, code }).toEqual({ verb, code: 0 });
    expect(stdout).toMatch(/Examples?:\n {2}\$ /);
    expect(stdout).toContain('--json');
  }
});

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  expect(await carillon(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('wrong use ends with 2 and says what is wrong', async () => {
  const wrong = [
    [[], 'Usage: carillon'],
    [['strat'], 'Did you mean start?'],
    [['token', 'create', '--role', 'ADMIN'], '--sub'],
    [['token', 'create', '--role', 'BOSS', '--sub', 'x'], 'ADMIN, AGENT, EXTERNAL_SYSTEM, CONTACT'],
    [['token', 'create', '--role', 'ADMIN', '--sub', 'x', '--ttl', 'soon'], '1h'],
    [['migrate', 'sideways'], 'up, status, down'],
    [['start', '--role', 'boss'], 'all, api or worker'],
  ] as const;
  for (const [args, words] of wrong) {
    const { code, stderr } = await carillon(args);
    expect({ args, code }).toEqual({ args, code: 2 });
    expect(stderr).toContain(words);
  }
});

test('every problem of the configuration is said at once, with an example, and without secrets', async () => {
  const env = { PORT: '99999', ROLE: 'boss', SECRET_KEY: 'short-secret', DEFAULT_TIME_ZONE: 'Mars/Olympus', SMTP_URL: 'mail.example.org' };
  const { code, stderr } = await carillon(['start'], env);
  expect(code).toBe(2);
  for (const name of Object.keys(env)) expect(stderr).toMatch(new RegExp(`^ {2}${name} .*For example: ${name}=`, 'm'));
  expect(stderr).not.toContain('short-secret');
  const machine = await carillon(['start', '--json'], env);
  expect((JSON.parse(machine.stderr) as { error: { problems: string[] } }).error.problems).toHaveLength(5);
});

test('migrate says what is pending, applies it once, and takes the last one back', async () => {
  const env = { DATABASE_URL: await cloneDatabase() };
  const run = async (direction: string) =>
    JSON.parse((await carillon(['migrate', direction, '--json'], env)).stdout) as Record<string, string[]>;
  const { executed, pending } = await run('status');
  expect(pending).toEqual([]);
  expect(await run('up')).toMatchObject({ migrations: [] });
  const back = await run('down');
  expect(back['migrations']).toEqual([executed?.at(-1)]);
  expect(await run('status')).toMatchObject({ pending: [executed?.at(-1)] });
  expect(await run('up')).toMatchObject({ migrations: back['migrations'] });
});

test('a token made beside a running server is good there, and so is a key', async () => {
  const secret = 'a secret that both of them know: 0123456789';
  const app = await openApp({ env: { JWT_SECRET: secret } });
  const env = { DATABASE_URL: app.databaseUrl, JWT_SECRET: secret };
  for (const kind of [[], ['--api-key']]) {
    const { code, stdout } = await carillon(['token', 'create', '--role', 'agent', '--sub', 'ann', ...kind], env);
    expect(code).toBe(0);
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${stdout.trim()}` },
      body: JSON.stringify({ query: '{ me { role subject } }' }),
    });
    expect(await response.json()).toEqual({ data: { me: { role: 'AGENT', subject: 'ann' } } });
  }
});

test('a JWT is refused where JWTs come from elsewhere', async () => {
  const env = { JWKS_URL: 'https://login.example.org/jwks.json', DATA_DIR: dataDir() };
  const { code, stderr } = await carillon(['token', 'create', '--role', 'ADMIN', '--sub', 'x'], env);
  expect(code).toBe(2);
  expect(stderr).toContain('--api-key');
});

test('seed fills an empty database, and leaves a filled one alone', async () => {
  const env = { DATABASE_URL: await cloneDatabase(), DATA_DIR: dataDir() };
  const seeded = await carillon(['seed', '--json'], env);
  expect(JSON.parse(seeded.stdout)).toMatchObject({ contacts: 500, templates: 2, plans: 1 });
  const again = await carillon(['seed'], env);
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('holds contacts already');
});

test('config print shows what is in effect, and no secret', async () => {
  const env = {
    PORT: '4321',
    DATABASE_URL: 'postgresql://carillon:pa55word@db.example.org/carillon',
    SECRET_KEY: 'never to be shown, whatever happens',
    MONGODB_URL: 'mongodb://agenda:pa55word@one.example.org:27017,two.example.org:27017/clocks?replicaSet=rs0',
  };
  const { code, stdout } = await carillon(['config', 'print', '--json'], env);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    PORT: 4321,
    DATABASE_URL: 'postgresql://carillon:***@db.example.org/carillon',
    SECRET_KEY: '(set)',
  });
  const human = await carillon(['config', 'print'], env);
  for (const text of [stdout, human.stdout]) expect(text).not.toMatch(/pa55word|never to be shown/);
});

test('schema print prints the schema of the code', async () => {
  const { stdout } = await carillon(['schema', 'print']);
  expect(stdout).toBe(printed(schemaOf()));
});

test('schedule rebuild sets the alarms anew', async () => {
  const env = { DATABASE_URL: await cloneDatabase(), DATA_DIR: dataDir() };
  const { code, stdout } = await carillon(['schedule', 'rebuild', '--json'], env);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ alarms: 0, store: 'postgresql' });
});
