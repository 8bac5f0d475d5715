import type { Context } from '../context.js';
import { first, rows } from '../database/sql.js';
import { NotFound, Problems } from '../errors.js';
import { type Connection, connectionOf, keyset, type PageArgs, pageOf } from '../graphql/connection.js';
import { holdDraft } from './draft.js';

/** A note on a communication, shared by everybody who works with it (C21). Never changed. */
export interface Note {
  id: string;
  seq: number;
  author: string;
  body: string;
  createdAt: Date;
}

const columns = 'n.id, n.seq, n.author, n.body, n.created_at as "createdAt"';
const most = 10_000; // characters

/** Adds a note in the name of the caller. `communicationId` is the row's id; one that is not there is NOT_FOUND. */
export async function addNote(ctx: Context, communicationId: string, text: string): Promise<Note> {
  const problems = new Problems();
  const body = text.trim();
  if (body === '' || body.length > most) problems.add(['body'], 'INVALID', `A note has 1 to ${most.toLocaleString('en')} characters.`);
  problems.throwIfAny();
  await holdDraft(ctx, communicationId);
  const note = await first<Note>(
    ctx,
    `insert into note as n (communication_id, author, body) select c.id, $2, $3 from communication c where c.id = $1
     returning ${columns}`,
    [communicationId, ctx.viewer.subject, body],
  );
  if (!note) throw new NotFound('communication');
  return note;
}

/** The notes on a communication, newest first. */
export async function listNotes(ctx: Context, communicationId: string, args: PageArgs): Promise<Connection<Note>> {
  const page = pageOf(args);
  const parameters: unknown[] = [communicationId];
  const { where, orderBy } = keyset(page, 'n.seq', 'bigint', true, parameters);
  const found = await rows<Note>(ctx, `select ${columns} from note n where n.communication_id = $1 and ${where} ${orderBy}`, parameters);
  const count = async () =>
    (await first<{ count: number }>(ctx, 'select count(*)::int as count from note where communication_id = $1', [communicationId]))
      ?.count ?? 0;
  return connectionOf(page, found, (each) => [each.seq], count);
}

export async function loadNote(ctx: Context, id: string): Promise<Note | null> {
  return (await first<Note>(ctx, `select ${columns} from note n where n.id = $1`, [id])) ?? null;
}

/** Writes a draft anew, which takes its row away for a moment, and puts its notes back as they were. */
export async function keepingNotes<Result>(ctx: Context, communicationId: string, work: () => Promise<Result>): Promise<Result> {
  const kept = await first<{ notes: unknown[] | null }>(
    ctx,
    'with taken as (delete from note where communication_id = $1 returning *) select jsonb_agg(taken) as notes from taken',
    [communicationId],
  );
  const result = await work();
  if (kept?.notes)
    await rows(ctx, 'insert into note overriding system value select * from jsonb_populate_recordset(null::note, $1::jsonb)', [
      JSON.stringify(kept.notes),
    ]);
  return result;
}
