import { jwtVerify, SignJWT } from 'jose';
import { type Role, roles, type Viewer } from '../access/viewer.js';
import type { Context } from '../context.js';
import { publicId } from '../graphql/node.js';

/** Long enough to show a page; whoever finds it later in a history sees nothing. */
const lifetime = '10m';

/**
 * A path on this server that gives the attachment to whoever has it, for ten minutes, as far as the one who asked for it may
 * see it: an image in a page, or a browser's tab, can show no token.
 */
export async function attachmentLink({ secrets, viewer }: Pick<Context, 'secrets' | 'viewer'>, id: string): Promise<string> {
  const attachment = publicId('Attachment', id);
  const token = await new SignJWT({ role: viewer.role, attachment })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(viewer.subject)
    .setExpirationTime(lifetime)
    .sign(secrets.attachment);
  return `/attachments/${attachment}?token=${token}`;
}

/** Who asked for the link, and for which attachment (its public id); undefined where it is forged, or too old. */
export async function readAttachmentLink(secret: Uint8Array, token: string): Promise<{ viewer: Viewer; attachment: string } | undefined> {
  try {
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'], requiredClaims: ['sub', 'exp', 'role', 'attachment'] });
    const role = payload['role'] as Role;
    if (!roles.includes(role) || !payload.sub) return undefined;
    return { viewer: { role, subject: payload.sub }, attachment: String(payload['attachment']) };
  } catch {
    return undefined;
  }
}
