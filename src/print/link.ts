import { jwtVerify, SignJWT } from 'jose';
import { type Role, roles, type Viewer } from '../access/viewer.js';
import type { Context } from '../context.js';

/** What a link prints: a communication, or a template as one contact would get it. */
export type Printed =
  | { kind: 'COMMUNICATION'; id: string }
  | {
      kind: 'TEMPLATE';
      id: string;
      contactExternalId: string;
      object?: { type: string; externalId: string } | null;
      language?: string | null;
      parameters?: { name: string; value: string }[] | null;
    };

/** A browser opens it at once; whoever finds it later in a history does not. */
const lifetime = '10m';

/** A path on this server that shows the page to whoever has it, for ten minutes: a browser's tab can show no token. `id` is public. */
export async function printLink({ secrets, viewer }: Context, printed: Printed): Promise<string> {
  const token = await new SignJWT({ role: viewer.role, printed })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(viewer.subject)
    .setExpirationTime(lifetime)
    .sign(secrets.print);
  return `/print/${printed.id}?token=${token}`;
}

/** Who made the link and what it prints; undefined where it is forged, or too old. */
export async function readPrintLink(secret: Uint8Array, token: string): Promise<{ viewer: Viewer; printed: Printed } | undefined> {
  try {
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'], requiredClaims: ['sub', 'exp', 'role', 'printed'] });
    const role = payload['role'] as Role;
    if (!roles.includes(role) || !payload.sub) return undefined;
    return { viewer: { role, subject: payload.sub }, printed: payload['printed'] as Printed };
  } catch {
    return undefined;
  }
}
