import { createHash, hash, randomBytes } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose';
import type { Config } from '../config.js';
import { first, type HasEntityManager, rows } from '../database/sql.js';
import { Unauthenticated } from '../errors.js';
import { type Role, roles, type Viewer } from './viewer.js';

/** Finds out who calls; throws Unauthenticated, in words that say what to do. */
export type Authenticate = (ctx: HasEntityManager, authorization: string | undefined) => Promise<Viewer>;

const keyPrefix = 'ck_';

export function makeAuthenticate(config: Config, secret: Uint8Array): Authenticate {
  const verify = config.jwksUrl
    ? verifyWith(createRemoteJWKSet(new URL(config.jwksUrl)), ['RS256', 'PS256', 'ES256', 'EdDSA'])
    : remembering(verifyWith(async () => secret, ['HS256']));
  return async (ctx, authorization) => {
    if (!authorization) throw new Unauthenticated();
    const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization.trim())?.[1];
    if (!token) throw new Unauthenticated('The authorization must be `Bearer TOKEN`.');
    return token.startsWith(keyPrefix) ? await viewerOfKey(ctx, token) : await verify(token);
  };
}

function verifyWith(key: JWTVerifyGetKey, algorithms: string[]): (token: string) => Promise<Viewer> {
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms,
        requiredClaims: ['sub', 'exp', 'role'],
        clockTolerance: clockToleranceSeconds,
      });
      const role = payload['role'] as Role;
      if (!roles.includes(role)) throw new Unauthenticated(`The token's role must be one of ${roles.join(', ')}.`);
      if (!payload.sub) throw new Unauthenticated('The token has an empty `sub`.');
      return { role, subject: payload.sub, expiresAt: new Date((payload.exp ?? 0) * 1000) };
    } catch (error) {
      if (error instanceof Unauthenticated) throw error;
      throw new Unauthenticated(wordsFor(error));
    }
  };
}

const clockToleranceSeconds = 5;
/** Tokens that were verified lately, at most; the one that was verified first goes. */
const mostRemembered = 10_000;

/**
 * Callers show the same token again and again, and to verify it costs more than the rest of a small request (measured: a job for the
 * thread pool each time). What our own secret has signed stays right until it ends; keys that others keep may be withdrawn, and API
 * keys revoked: those are looked at each time.
 */
function remembering(verify: (token: string) => Promise<Viewer>): (token: string) => Promise<Viewer> {
  const verified = new Map<string, Viewer>();
  return async (token) => {
    // Not the token itself, so that a dump of the memory shows nobody's.
    const key = hash('sha256', token, 'base64url');
    const known = verified.get(key);
    if (known?.expiresAt && known.expiresAt.getTime() + clockToleranceSeconds * 1_000 > Date.now()) return known;
    const viewer = await verify(token);
    verified.delete(key);
    verified.set(key, viewer);
    const [oldest] = verified.keys();
    if (verified.size > mostRemembered && oldest !== undefined) verified.delete(oldest);
    return viewer;
  };
}

function wordsFor(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired; get a new one.';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `The token's claim \`${error.claim}\` is missing or wrong; it needs sub, exp and role.`;
  return 'The token is not valid here.';
}

/** A token for a role and subject, signed as `JWT_SECRET` verifies it. `end` is an instant, or a time from now as `1h`. */
export async function signToken(secret: Uint8Array, role: Role, subject: string, end: string | Date): Promise<string> {
  return await new SignJWT({ role })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(end)
    .sign(secret);
}

/** A key that lasts until it is revoked. Only its hash is kept: it is shown this once. */
export async function createApiKey(ctx: HasEntityManager, role: Role, subject: string, expiresAt: Date | null): Promise<string> {
  return (await issueApiKey(ctx, { role, subject, expiresAt, label: null })).key;
}

export interface NewApiKey {
  role: Role;
  subject: string;
  /** Null: it does not end by itself. */
  expiresAt: Date | null;
  /** For people who look at the list. */
  label: string | null;
}

/** As createApiKey, with the id by which the key can be revoked. */
export async function issueApiKey(
  ctx: HasEntityManager,
  { role, subject, expiresAt, label }: NewApiKey,
): Promise<{ id: string; key: string }> {
  const key = `${keyPrefix}${randomBytes(32).toString('base64url')}`;
  const made = await first<{ id: string }>(
    ctx,
    'insert into api_key (hash, role, subject, expires_at, label) values ($1, $2, $3, $4, $5) returning id',
    [hashOf(key), role, subject, expiresAt, label],
  );
  if (!made) throw new Error('An insert answers its row');
  return { id: made.id, key };
}

async function viewerOfKey(ctx: HasEntityManager, key: string): Promise<Viewer> {
  const found = await first<{ id: string; role: Role; subject: string }>(
    ctx,
    'select id, role, subject from api_key where hash = $1 and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())',
    [hashOf(key)],
  );
  if (!found) throw new Unauthenticated('The API key is unknown, has expired or was revoked.');
  // No end for this process's clock to watch: whoever keeps a socket asks for its key again and again, by the database's clock.
  return { role: found.role, subject: found.subject, apiKeyId: found.id };
}

/** The keys among these that are still good; sockets ask again and again, see server.ts. */
export async function validKeys(ctx: HasEntityManager, ids: readonly string[]): Promise<Set<string>> {
  const found = await rows<{ id: string }>(
    ctx,
    'select id from api_key where id = any($1::uuid[]) and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())',
    [ids],
  );
  return new Set(found.map((each) => each.id));
}

/** The keys are 256 random bits: a plain hash is enough, and can be looked up. */
function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
