import { issueApiKey } from '../access/token.js';
import type { Context } from '../context.js';
import { databaseNow } from '../database/clock.js';
import { affected, first, type HasEntityManager, rows } from '../database/sql.js';
import { NotFound, Problems } from '../errors.js';
import { requireLocalId } from '../graphql/node.js';
import { lockSystem } from './system-write.js';
import type { ExternalSystem } from './systems.js';
import type { CreateExternalSystemTokenInput, RotateExternalSystemTokenInput } from './systemToken.type.js';

/** A key of an external system, as far as it is known after it was shown. */
export interface SystemToken {
  id: string;
  label: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  active: boolean;
}

export interface NewSystemToken {
  token: string;
  externalSystemToken: SystemToken;
  externalSystem: ExternalSystem;
}

const longestOverlap = 2_592_000; // 30 days, in seconds

const columns = `k.id, k.label, k.created_at as "createdAt", k.expires_at as "expiresAt", k.revoked_at as "revokedAt",
  k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp()) as active`;

/** A further key, beside those that there are. */
export async function createSystemToken(ctx: Context, input: CreateExternalSystemTokenInput): Promise<NewSystemToken> {
  const system = await lockSystem(ctx, input.externalSystemId, 'no key update');
  const problems = new Problems();
  checkLabel(problems, input.label);
  const expiresAt = input.expiresAt == null ? null : new Date(input.expiresAt);
  if (expiresAt !== null && expiresAt <= (await databaseNow(ctx)))
    problems.add(['expiresAt'], 'IN_THE_PAST', 'The end of a key must be in the future.');
  problems.throwIfAny();
  return await issue(ctx, system, expiresAt, input.label);
}

/** A new key; those before it end when the overlap does, unless they end earlier. */
export async function rotateSystemToken(ctx: Context, input: RotateExternalSystemTokenInput): Promise<NewSystemToken> {
  const system = await lockSystem(ctx, input.externalSystemId, 'no key update');
  const problems = new Problems();
  checkLabel(problems, input.label);
  if (input.overlapSeconds < 0 || input.overlapSeconds > longestOverlap)
    problems.add(['overlapSeconds'], 'OUT_OF_RANGE', `${input.overlapSeconds} is out of range: 0 to ${longestOverlap}.`);
  problems.throwIfAny();
  await affected(
    ctx,
    `update api_key set expires_at = least(expires_at, clock_timestamp() + make_interval(secs => $2))
     where role = 'EXTERNAL_SYSTEM' and subject = $1 and revoked_at is null`,
    [system.code, input.overlapSeconds],
  );
  return await issue(ctx, system, null, input.label);
}

/** Refused from now on; what streams under it ends within seconds. Revoking it again changes nothing. */
export async function revokeSystemToken(ctx: Context, publicId: string): Promise<SystemToken> {
  const id = requireLocalId('ExternalSystemToken', publicId, 'token');
  const revoked = await first<SystemToken>(
    ctx,
    `update api_key k set revoked_at = coalesce(k.revoked_at, clock_timestamp()) where k.id = $1 and k.role = 'EXTERNAL_SYSTEM' returning ${columns}`,
    [id],
  );
  if (!revoked) throw new NotFound('token');
  return revoked;
}

/** The keys of each system, newest first; those that ended too, for people who look at what was. */
export async function tokensOf(ctx: HasEntityManager, codes: readonly string[]): Promise<SystemToken[][]> {
  const found = await rows<SystemToken & { subject: string }>(
    ctx,
    `select k.subject, ${columns} from api_key k where k.role = 'EXTERNAL_SYSTEM' and k.subject = any($1::text[]) order by k.id desc`,
    [codes],
  );
  const byCode = Map.groupBy(found, (each) => each.subject);
  return codes.map((code) => byCode.get(code) ?? []);
}

export async function loadSystemToken(ctx: HasEntityManager, id: string): Promise<SystemToken | null> {
  const text = `select ${columns} from api_key k where k.id = $1 and k.role = 'EXTERNAL_SYSTEM'`;
  return (await first<SystemToken>(ctx, text, [id])) ?? null;
}

async function issue(
  ctx: Context,
  system: ExternalSystem,
  expiresAt: Date | null,
  label: string | null | undefined,
): Promise<NewSystemToken> {
  const { id, key } = await issueApiKey(ctx, {
    role: 'EXTERNAL_SYSTEM',
    subject: system.code,
    expiresAt,
    label: label?.trim() || null,
  });
  const made = await loadSystemToken(ctx, id);
  if (!made) throw new Error('What was inserted can be read');
  return { token: key, externalSystemToken: made, externalSystem: system };
}

function checkLabel(problems: Problems, label: string | null | undefined): void {
  if (label != null && !/^[^\p{Cc}]{0,200}$/u.test(label))
    problems.add(['label'], 'INVALID', 'A label has at most 200 characters, in one line.');
}
