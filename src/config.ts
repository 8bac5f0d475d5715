import { readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { isLanguage, isTimeZone } from './locales.js';

/** One environment variable: how to read it, its default in words, what it means, and an example for error messages. */
interface Setting {
  name: string;
  fallback: string;
  meaning: string;
  example: string;
}

/** The table that the README shows; a test keeps the two equal. */
export const settings: readonly Setting[] = [
  {
    name: 'PORT',
    fallback: '4000',
    meaning: 'TCP port for everything: GraphQL, WebSocket, pages. 0 takes a free one and prints it.',
    example: '4000',
  },
  { name: 'HOST', fallback: '127.0.0.1', meaning: 'Address to listen on.', example: '0.0.0.0' },
  {
    name: 'DATA_DIR',
    fallback: '~/.local/share/carillon (started by root: /var/lib/carillon)',
    meaning: 'Embedded database and generated secrets.',
    example: '/var/lib/carillon',
  },
  {
    name: 'DATABASE_URL',
    fallback: 'embedded PostgreSQL 18 in DATA_DIR',
    meaning: 'PostgreSQL 15 or newer.',
    example: 'postgresql://carillon:secret@db.example.org:5432/carillon',
  },
  {
    name: 'MONGODB_URL',
    fallback: 'none: Agenda keeps its clocks in PostgreSQL',
    meaning: 'MongoDB for Agenda.',
    example: 'mongodb://db.example.org:27017/carillon',
  },
  {
    name: 'PUBLIC_URL',
    fallback: 'http://HOST:PORT',
    meaning: 'How the outside reaches this server; used only inside messages.',
    example: 'https://messages.example.org',
  },
  {
    name: 'SECRET_KEY',
    fallback: 'generated in DATA_DIR',
    meaning: 'Encrypts stored secrets and signs links: at least 32 characters.',
    example: 'the output of: openssl rand -hex 32',
  },
  {
    name: 'JWT_SECRET',
    fallback: 'derived from SECRET_KEY',
    meaning: 'Verifies bearer tokens signed HS256: at least 32 characters.',
    example: 'the output of: openssl rand -hex 32',
  },
  {
    name: 'JWKS_URL',
    fallback: 'none',
    meaning: 'Key set that verifies bearer tokens, instead of JWT_SECRET.',
    example: 'https://login.example.org/.well-known/jwks.json',
  },
  {
    name: 'DELIVERY_MODE',
    fallback: 'sandbox',
    meaning: '`sandbox` keeps every message in the outbox viewer, `live` sends.',
    example: 'live',
  },
  { name: 'SMTP_URL', fallback: 'none', meaning: 'E-mail provider.', example: 'smtp://user:pass@mail.example.org:587' },
  {
    name: 'MAIL_FROM',
    fallback: 'Carillon <no-reply@carillon.example>',
    meaning: 'Default sender of e-mail.',
    example: 'Example TV <news@example.org>',
  },
  {
    name: 'ROLE',
    fallback: 'all',
    meaning: 'What this process does: `api` (GraphQL, live), `worker` (runs, sending, clocks) or `all`.',
    example: 'worker',
  },
  { name: 'PLAYGROUND', fallback: 'on; off with NODE_ENV=production', meaning: 'Serve /playground.', example: 'off' },
  { name: 'INTROSPECTION', fallback: 'on; off with NODE_ENV=production', meaning: 'Answer introspection queries.', example: 'off' },
  { name: 'LOG_LEVEL', fallback: 'info', meaning: 'fatal, error, warn, info, debug, trace or silent.', example: 'debug' },
  {
    name: 'METRICS_TOKEN',
    fallback: 'none: /metrics is open',
    meaning: 'Bearer token that /metrics asks for.',
    example: 'the output of: openssl rand -hex 16',
  },
  {
    name: 'CORS_ORIGINS',
    fallback: 'none',
    meaning: 'Origins of browser apps that may call, separated by commas; * allows all.',
    example: 'https://portal.example.org',
  },
  {
    name: 'CHROMIUM_PATH',
    fallback: 'Chromium or Chrome where it is usually installed',
    meaning: 'The browser that makes PDFs of printed pages; without one there are pages only.',
    example: '/usr/bin/chromium',
  },
  { name: 'TRUST_PROXY', fallback: 'off', meaning: 'Believe X-Forwarded-* headers of a proxy in front.', example: 'on' },
  {
    name: 'DEFAULT_TIME_ZONE',
    fallback: 'UTC',
    meaning: 'Zone of contacts and schedules that name none (IANA).',
    example: 'Europe/Nicosia',
  },
  { name: 'DEFAULT_LANGUAGE', fallback: 'en', meaning: 'Language that every content must have (BCP 47).', example: 'el' },
];

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly mongodbUrl: string | undefined;
  readonly publicUrl: string | undefined;
  readonly secretKey: string | undefined;
  readonly jwtSecret: string | undefined;
  readonly jwksUrl: string | undefined;
  readonly deliveryMode: 'sandbox' | 'live';
  /** DELIVERY_MODE was left unset in production: `doctor`, the log and /readyz say so. */
  readonly deliveryModeUnset: boolean;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  readonly role: 'all' | 'api' | 'worker';
  readonly playground: boolean;
  readonly introspection: boolean;
  readonly production: boolean;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly metricsToken: string | undefined;
  readonly corsOrigins: readonly string[];
  /** The browser that makes PDFs; undefined: one that is found. */
  readonly chromiumPath: string | undefined;
  readonly trustProxy: boolean;
  readonly defaultTimeZone: string;
  readonly defaultLanguage: string;
  /** The demo company: tokens are shown on the start page. Set by `carillon demo`, never by the environment. */
  readonly demo: boolean;
}

/** Everything that is wrong with the environment, at once. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((each) => `  ${each}`).join('\n')}`,
    );
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the environment; throws ConfigError with every problem. `flags`, what the command line says, come before it.
 * The only reader of process.env is the default argument.
 */
export function readConfig(environment: Environment = process.env, flags: Environment = {}): Config {
  const problems: string[] = [];
  const values = { ...valuesOf(environment, problems), ...valuesOf(flags, problems) };
  const production = environment['NODE_ENV'] === 'production';
  const parsed = shape.safeParse(values);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(problemOf(String(issue.path[0]), values, issue.message));
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  const read = parsed.data;
  return Object.freeze({
    port: read.PORT,
    host: read.HOST,
    dataDir: read.DATA_DIR ?? defaultDataDir(environment),
    databaseUrl: read.DATABASE_URL,
    mongodbUrl: read.MONGODB_URL,
    publicUrl: read.PUBLIC_URL?.replace(/\/+$/, ''),
    secretKey: read.SECRET_KEY,
    jwtSecret: read.JWT_SECRET,
    jwksUrl: read.JWKS_URL,
    deliveryMode: read.DELIVERY_MODE ?? 'sandbox',
    deliveryModeUnset: production && read.DELIVERY_MODE === undefined,
    smtpUrl: read.SMTP_URL,
    mailFrom: read.MAIL_FROM,
    role: read.ROLE,
    playground: read.PLAYGROUND ?? !production,
    introspection: read.INTROSPECTION ?? !production,
    production,
    logLevel: read.LOG_LEVEL,
    metricsToken: read.METRICS_TOKEN,
    corsOrigins: read.CORS_ORIGINS,
    chromiumPath: read.CHROMIUM_PATH,
    trustProxy: read.TRUST_PROXY ?? false,
    defaultTimeZone: read.DEFAULT_TIME_ZONE,
    defaultLanguage: read.DEFAULT_LANGUAGE,
    demo: false,
  });
}

const url = (...schemes: string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol), {
    message: `must be a URL with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`,
  });

const onOff = z
  .enum(['on', 'off', 'true', 'false', '1', '0'], { error: 'must be on or off' })
  .transform((text) => ['on', 'true', '1'].includes(text));

const secret = z.string().min(32, 'must have at least 32 characters');

const shape = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number from 0 to 65535')
    .default('4000')
    .transform(Number)
    .refine((port) => port <= 65535, 'must be a port number from 0 to 65535'),
  HOST: z.string().default('127.0.0.1'),
  DATA_DIR: z.string().optional(),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  // Not a URL in the strict sense: a replica set names several hosts.
  MONGODB_URL: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\/\S+$/, 'must be a URL with mongodb:// or mongodb+srv://')
    .optional(),
  PUBLIC_URL: url('http:', 'https:').optional(),
  SECRET_KEY: secret.optional(),
  JWT_SECRET: secret.optional(),
  JWKS_URL: url('https:', 'http:').optional(),
  DELIVERY_MODE: z.enum(['sandbox', 'live'], { error: 'must be sandbox or live' }).optional(),
  SMTP_URL: url('smtp:', 'smtps:').optional(),
  MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, 'must be an e-mail address')
    .default('Carillon <no-reply@carillon.example>'),
  ROLE: z.enum(['all', 'api', 'worker'], { error: 'must be all, api or worker' }).default('all'),
  PLAYGROUND: onOff.optional(),
  INTROSPECTION: onOff.optional(),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .default('info'),
  METRICS_TOKEN: z.string().optional(),
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((origin) => origin.trim())
        .filter((origin) => origin !== ''),
    ),
  CHROMIUM_PATH: z.string().optional(),
  TRUST_PROXY: onOff.optional(),
  DEFAULT_TIME_ZONE: z.string().refine(isTimeZone, 'must be an IANA time zone').default('UTC'),
  DEFAULT_LANGUAGE: z.string().refine(isLanguage, 'must be a BCP 47 language tag').default('en'),
});

/** NAME, or the content of the file that NAME_FILE names; an empty value counts as unset. */
function valuesOf(environment: Environment, problems: string[]): Record<string, string | undefined> {
  const values: Record<string, string | undefined> = {};
  for (const { name } of settings) {
    const file = environment[`${name}_FILE`];
    let value = environment[name];
    if ((value === undefined || value === '') && file) {
      try {
        value = readFileSync(file, 'utf8').trim();
      } catch (error) {
        problems.push(`${name}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
      }
    }
    if (value !== undefined && value !== '') values[name] = value;
  }
  return values;
}

/** Names the variable and an example; the given value only where it holds no secret. */
function problemOf(name: string, values: Record<string, string | undefined>, message: string): string {
  const setting = settings.find((each) => each.name === name);
  const given = /SECRET|TOKEN|URL/.test(name) ? '' : `, not ${JSON.stringify(values[name])}`;
  return `${name} ${message}${given}. For example: ${name}=${setting?.example ?? ''}`;
}

function defaultDataDir(environment: Environment): string {
  if (process.getuid?.() === 0) return '/var/lib/carillon';
  const base = environment['XDG_DATA_HOME'];
  if (base) return join(base, 'carillon');
  return join(homedir() || userInfo().homedir, '.local', 'share', 'carillon');
}
