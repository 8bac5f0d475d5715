import { findSegment, type SegmentRow } from '../../audience/segment.js';
import { knownContacts, listContacts } from '../../audience/segment-members.js';
import { createSegment } from '../../audience/segment-write.js';
import { greatestCall } from '../../audience/upsert/upsert.js';
import type { Context } from '../../context.js';
import { takeTurns } from '../../database/lock.js';
import { inTransaction, transact } from '../../graphql/request.js';
import { WrongUse } from '../verb.js';
import { emptyReport, type ImportReport, note, type RowProblem } from './import-report.js';
import type { Progress } from './progress.js';
import { openRows } from './read-rows.js';

export interface MembersOptions {
  file: string;
  /** The segment's name; it is made where there is none. */
  segment: string;
  dryRun?: boolean | undefined;
  onProgress?: (progress: Progress) => void;
}

const column = 'externalId';

/**
 * Lists the contacts of a file, which names them by their externalIds, in a segment: in batches, each in a transaction of its
 * own. An id that is no contact's is named by its line; every other one is taken.
 */
export async function importMembers(open: () => Context, options: MembersOptions): Promise<ImportReport> {
  if (!options.dryRun) return await importRows(options, async (write) => await transact(open(), write));
  let report: ImportReport | undefined;
  await inTransaction(open(), async (ctx) => {
    report = await importRows(options, async (write) => await write(ctx));
    return false;
  });
  if (!report) throw new Error('An import has a report');
  return report;
}

interface Named {
  line: number;
  externalId: string;
}

type Write = (write: (ctx: Context) => Promise<void>) => Promise<void>;

async function importRows({ file, segment, onProgress }: MembersOptions, write: Write): Promise<ImportReport> {
  const rows = openRows(file, undefined);
  const report = emptyReport();
  let batch: Named[] = [];
  const flush = async () => {
    if (batch.length > 0) await write(async (ctx) => await listBatch(ctx, segment, batch, report));
    batch = [];
  };
  for await (const row of rows.read((columns) => checkColumns(columns, file))) {
    report.rows += 1;
    const given = row.values?.[column];
    const externalId = typeof given === 'number' ? String(given) : given;
    if (typeof externalId === 'string' && externalId.trim() !== '') batch.push({ line: row.line, externalId: externalId.trim() });
    else refuse(report, { line: row.line, message: row.problem ?? `The row has no ${column}.` });
    if (batch.length >= greatestCall) await flush();
    onProgress?.({ bytes: row.bytes, ofBytes: rows.bytes, rows: report.rows, problems: report.problemCount });
  }
  await flush();
  report.problems.sort((a, b) => a.line - b.line);
  return report;
}

function checkColumns(columns: readonly string[], file: string): void {
  if (!columns.includes(column))
    throw new WrongUse(`The members of a segment are named in a column ${column}; ${file} has ${columns.join(', ')}.`);
}

async function listBatch(ctx: Context, segment: string, batch: readonly Named[], report: ImportReport): Promise<void> {
  const known = await knownContacts(
    ctx,
    batch.map((each) => each.externalId),
  );
  for (const { line, externalId } of batch) {
    if (!known.has(externalId)) refuse(report, { line, field: column, message: `There is no contact ${JSON.stringify(externalId)}.` });
  }
  const members = [...known];
  if (members.length === 0) return;
  const before = (await findSegment(ctx, segment)) ?? (await madeMeanwhile(ctx, segment));
  const added = before ? await listContacts(ctx, before.id, members) : members.length;
  if (!before) await createSegment(ctx, { name: segment, contactExternalIds: members });
  report.inserted += added;
  report.unchanged += batch.filter((each) => known.has(each.externalId)).length - added;
}

/** Waits for others who make a segment at this moment: it may be this one. */
async function madeMeanwhile(ctx: Context, name: string): Promise<SegmentRow | undefined> {
  await takeTurns(ctx, 'segment.names');
  return await findSegment(ctx, name);
}

function refuse(report: ImportReport, problem: RowProblem): void {
  report.refused += 1;
  note(report, problem);
}
