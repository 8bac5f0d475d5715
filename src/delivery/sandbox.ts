import PostalMime, { type Address } from 'postal-mime';
import type { Medium } from '../catalogue/medium.js';
import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../graphql/connection.js';

/** A message as the sandbox takes it. */
export interface NewSandboxMessage {
  communicationId: string | null;
  medium: Medium;
  sender: string | null;
  recipient: string;
  subject: string | null;
  /** Its plain text. */
  body: string | null;
  /** An e-mail as it came over the wire. */
  raw: Buffer | null;
}

/** A kept message, without the bytes of the wire: lists are read often. */
export interface SandboxMessage extends Omit<NewSandboxMessage, 'raw'> {
  id: string;
  seq: number;
  receivedAt: Date;
}

/** What only the wire format tells. */
export interface WireFormat {
  raw: string;
  html: string | null;
  headers: { name: string; value: string }[];
}

const columns = `m.id, m.seq, m.communication_id as "communicationId", m.medium, m.sender, m.recipient, m.subject, m.body, m.received_at as "receivedAt"`;

/** Keeps a message; answers its id. */
export async function keepMessage(ctx: Context, message: NewSandboxMessage): Promise<string> {
  const kept = await first<{ id: string }>(
    ctx,
    `insert into sandbox_message (communication_id, medium, sender, recipient, subject, body, raw)
     values ($1, $2, $3, $4, $5, $6, $7) returning id`,
    [
      message.communicationId,
      message.medium,
      withoutNul(message.sender),
      withoutNul(message.recipient),
      withoutNul(message.subject),
      withoutNul(message.body),
      message.raw,
    ],
  );
  if (!kept) throw new Error('An insert answers its row');
  return kept.id;
}

/** The kept messages, newest first; `search` looks into addresses, subject and text. */
export async function pageOfMessages(ctx: Context, args: PageArgs, search: string | null | undefined): Promise<Connection<SandboxMessage>> {
  const page = pageOf(args);
  const parameters: unknown[] = [];
  const matching = searched(search, parameters);
  const count = async () => {
    const counted = await first<{ count: number }>(
      ctx,
      `select count(*) from sandbox_message m where ${matching}`,
      search ? [pattern(search)] : [],
    );
    return counted?.count ?? 0;
  };
  const { where, orderBy } = keyset(page, 'm.seq', 'bigint', true, parameters);
  const found = await rows<SandboxMessage>(
    ctx,
    `select ${columns} from sandbox_message m where ${matching} and ${where} ${orderBy}`,
    parameters,
  );
  return connectionOf(page, found, (each) => [each.seq], count);
}

export async function loadMessage(ctx: Context, id: string): Promise<SandboxMessage | null> {
  return (await first<SandboxMessage>(ctx, `select ${columns} from sandbox_message m where m.id = $1`, [id])) ?? null;
}

/** The wire formats of these messages, in their order; null for what never was on a wire. */
export async function loadWireFormats(ctx: Context, ids: readonly string[]): Promise<(WireFormat | null)[]> {
  const found = await rows<{ id: string; raw: Buffer }>(
    ctx,
    'select id, raw from sandbox_message where id = any($1::uuid[]) and raw is not null',
    [ids],
  );
  const byId = new Map(found.map((each) => [each.id, each.raw]));
  return await Promise.all(
    ids.map(async (id) => {
      const raw = byId.get(id);
      if (!raw) return null;
      const mail = await PostalMime.parse(raw);
      return {
        raw: raw.toString('utf8'),
        html: mail.html ?? null,
        headers: mail.headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
      };
    }),
  );
}

/** `Name <address>`, as people read it. */
export function addressText(address: Address | undefined): string | undefined {
  if (!address?.address) return undefined;
  return address.name ? `${address.name} <${address.address}>` : address.address;
}

function searched(search: string | null | undefined, parameters: unknown[]): string {
  if (!search) return 'true';
  parameters.push(pattern(search));
  const place = `$${parameters.length}`;
  return `(m.recipient ilike ${place} or m.sender ilike ${place} or m.subject ilike ${place} or m.body ilike ${place})`;
}

function pattern(search: string): string {
  return `%${search.replace(/[\\%_]/g, '\\$&').replaceAll('\0', '')}%`;
}

/** PostgreSQL's text has no NUL. */
function withoutNul(text: string | null): string | null {
  return text?.replaceAll('\0', '') ?? null;
}
