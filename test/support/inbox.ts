import type { TestApp } from './app.js';
import { buildContact, buildContent } from './build.js';
import { dial, type RawSocket } from './raw-socket.js';

/** A contact's inbox with a portal that feeds it, for tests that care about how changes travel, not about what they say. */
export interface TestInbox {
  systemId: string;
  contentId: string;
  contactIds: string[];
  externalIds: string[];
}

export async function buildInboxes(app: TestApp, { contacts = 1, body = 'x', code = 'portal' } = {}): Promise<TestInbox> {
  const content = await buildContent(app, { body }, { medium: 'DEVICE' });
  const [system] = await app.sql<{ id: string }>(
    `insert into external_system (name, code, media, contact_inbox) values ($1, $1, '{DEVICE}', true) returning id`,
    [code],
  );
  const built = await Promise.all(Array.from({ length: contacts }, () => buildContact(app)));
  return {
    systemId: system?.id ?? '',
    contentId: content.id,
    contactIds: built.map((each) => each.id),
    externalIds: built.map((each) => String(each['external_id'])),
  };
}

/** Inserts waiting entries with their changes: \`$1\` content, \`$2\` system, \`$3\` contact, \`$4\` how many. */
export const addEntriesSql = `with made as (
    insert into communication (contact_id, medium, origin, state, content_id, language, external_system_id)
    select $3, 'DEVICE', 'TEST', 'PENDING', $1, 'en', $2 from generate_series(1, $4::int) returning id, seq, contact_id
  ), queued as (insert into queue_entry (id, seq, medium, external_system_id) select id, seq, 'DEVICE', $2 from made)
  insert into change_outbox (kind, contact_id, external_system_id, communication_id, data)
  select 'entry.created', contact_id, $2, id, '{"state":"PENDING"}' from made order by seq returning communication_id as id`;

export interface InboxReader {
  readonly line: RawSocket;
  /** Public ids in the order in which ADDED came. */
  readonly added: string[];
  /** The last event that was handled. */
  cursor(): string | undefined;
  synced(): boolean;
  /** Whether it was told to begin anew. */
  resynced(): boolean;
}

/** A device that writes down what it saw: a raw client, so that it can be cut, stopped and resumed. */
export async function readInbox(
  app: Pick<TestApp, 'url'>,
  authorization: string,
  after?: string,
  added: string[] = [],
  /** What it saw, as `KIND id`. */
  seen: string[] = [],
): Promise<InboxReader> {
  const line = await dial(app, authorization);
  let cursor = after;
  let synced = false;
  let resynced = false;
  line.socket.on('message', (data) => {
    const { type, payload } = JSON.parse(String(data));
    if (type !== 'next') return;
    const event = payload.data?.inboxChanged;
    if (!event) throw new Error(String(data));
    cursor = event.cursor;
    if (event.kind === 'ADDED') added.push(event.entryId);
    if (event.entryId) seen.push(`${event.kind} ${event.entryId}`);
    if (event.kind === 'SYNCED') synced = true;
    if (event.kind === 'RESYNC') resynced = true;
  });
  const query =
    'subscription ($after: String) { inboxChanged(after: $after) { kind cursor entryId entry { id state body } pendingCount } }';
  line.send({ id: 'inbox', type: 'subscribe', payload: { query, variables: { after } } });
  return { line, added, cursor: () => cursor, synced: () => synced, resynced: () => resynced };
}
