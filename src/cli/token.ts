import type { Command } from 'commander';
import { secretsOf } from '../access/secrets.js';
import { createApiKey, signToken } from '../access/token.js';
import { type Role, roles } from '../access/viewer.js';
import { transact } from '../graphql/request.js';
import { withSession } from './session.js';
import { addVerb, configOf, outOf, type VerbOptions, WrongUse } from './verb.js';

interface TokenOptions extends VerbOptions {
  role: string;
  sub: string;
  ttl?: string;
  apiKey?: boolean;
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export function addToken(program: Command): void {
  const token = program.command('token').description('Make bearer tokens.');
  addVerb(token, 'create', {
    summary: 'Print a token for a role and subject: a JWT, or with --api-key a key that lasts until it is revoked.',
    examples: [
      'carillon token create --role ADMIN --sub alice --ttl 8h',
      'carillon token create --role CONTACT --sub C0001 --demo',
      'carillon token create --role EXTERNAL_SYSTEM --sub portal --api-key',
    ],
    onData: true,
  })
    .requiredOption('--role <role>', roles.join(', '))
    .requiredOption('--sub <subject>', "the user's login name, the external system's code or the contact's externalId")
    .option('--ttl <time>', 'how long it lasts, as 90s, 30m, 1h or 7d (default: 1h; a key without it does not end)')
    .option('--api-key', 'make a key that the database knows and can revoke, instead of a JWT')
    .action(async (options: TokenOptions) => await createToken(options));
}

async function createToken(options: TokenOptions): Promise<void> {
  const out = outOf(options);
  const role = roleOf(options.role);
  const subject = options.sub.trim();
  if (subject === '') throw new WrongUse('--sub must not be empty.');
  const lifetimeMs = options.ttl === undefined ? undefined : millisecondsOf(options.ttl);
  const config = configOf(options);
  if (!options.apiKey) {
    if (config.jwksUrl) throw new WrongUse('With JWKS_URL set, JWTs come from its issuer. Make a key instead: add --api-key.');
    const expiresAt = new Date(Date.now() + (lifetimeMs ?? unitMs.h));
    const token = await signToken(secretsOf(config).jwt, role, subject, expiresAt);
    out.tell({ token, kind: 'jwt', role, subject, expiresAt });
    return out.say(token);
  }
  const expiresAt = lifetimeMs === undefined ? null : new Date(Date.now() + lifetimeMs);
  const token = await withSession(
    config,
    async ({ open }) => await transact(open(), async (ctx) => await createApiKey(ctx, role, subject, expiresAt)),
  );
  out.tell({ token, kind: 'apiKey', role, subject, expiresAt });
  out.say(token);
}

function roleOf(text: string): Role {
  const role = roles.find((each) => each === text.toUpperCase());
  if (!role) throw new WrongUse(`--role must be one of ${roles.join(', ')}, not ${JSON.stringify(text)}.`);
  return role;
}

function millisecondsOf(text: string): number {
  const [, amount, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (!amount || !unit) throw new WrongUse(`--ttl must be a number with s, m, h or d, as 90s, 30m, 1h or 7d, not ${JSON.stringify(text)}.`);
  return Number(amount) * unitMs[unit as keyof typeof unitMs];
}
