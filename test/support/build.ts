import { randomUUID } from 'node:crypto';
import type { StoredText } from '../../src/content/content.js';
import { localeFormatOf } from '../../src/content/locale-format.js';
import type { TestApp } from './app.js';

type Row = Record<string, unknown>;
type Database = Pick<TestApp, 'sql'>;
type Built = Row & { id: string };

/** Rows with overrides, inserted and answered: for tests of parts whose own API is not what they are about. */
async function insert(app: Database, table: string, row: Row): Promise<Built> {
  const names = Object.keys(row);
  const [inserted] = await app.sql<Built>(
    `insert into ${table} (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')}) returning *`,
    names.map((name) => row[name]),
  );
  if (!inserted) throw new Error(`No row of ${table} was inserted`);
  return inserted;
}

export async function buildContact(app: Database, overrides: Row = {}): Promise<Built> {
  return await insert(app, 'contact', { external_id: `C-${randomUUID()}`, name: 'Anna Example', email: 'anna@example.org', ...overrides });
}

export interface Text {
  subject?: string | null;
  body: string;
  format?: 'TEXT' | 'HTML';
}

/** A content version in English, without tags. */
export async function buildContent(
  app: Database,
  text: Text = { subject: 'Hello', body: 'Good day.' },
  overrides: Row = {},
): Promise<Built> {
  const isHtml = text.format === 'HTML';
  const stored: StoredText = {
    format: localeFormatOf('en'),
    isHtml,
    subject: text.subject == null ? null : [text.subject],
    body: [text.body],
    text: isHtml ? [text.body.replace(/<[^>]+>/g, '')] : null,
  };
  return await insert(app, 'content', {
    medium: 'EMAIL',
    default_language: 'en',
    languages: ['en'],
    tags: [],
    kinds: [],
    texts: JSON.stringify({ en: stored }),
    sources: '[]',
    ...overrides,
  });
}

export interface EntryOverrides {
  contact?: Built;
  content?: Built;
  communication?: Row;
  entry?: Row;
}

/** A PENDING communication in the engine's own queue; answers the communication. */
export async function buildEntry(app: Database, { contact, content, communication, entry }: EntryOverrides = {}): Promise<Built> {
  const to = contact ?? (await buildContact(app));
  const of = content ?? (await buildContent(app));
  const built = await insert(app, 'communication', {
    contact_id: to.id,
    medium: of['medium'],
    origin: 'MANUAL',
    state: 'PENDING',
    address: to['email'],
    content_id: of.id,
    language: 'en',
    ...communication,
  });
  await insert(app, 'queue_entry', {
    id: built.id,
    seq: built['seq'],
    medium: built['medium'],
    external_system_id: built['external_system_id'],
    run_id: built['run_id'],
    expires_at: built['expires_at'],
    ...entry,
  });
  if (built['expires_at']) {
    await app.sql('insert into entry_expiry (communication_id, expires_at) values ($1, $2)', [built.id, built['expires_at']]);
  }
  return built;
}
