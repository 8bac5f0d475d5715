import { greatestCall, type UpsertResult, upsertCrmRecords } from '../../audience/upsert/upsert.js';
import { didYouMean } from '../../catalogue/catalogue.js';
import { withCatalogue } from '../../catalogue/current.js';
import type { Context } from '../../context.js';
import { formatPath, Invalid, type Problem, Problems } from '../../errors.js';
import { inTransaction, transact } from '../../graphql/request.js';
import { WrongUse } from '../verb.js';
import type { Values } from './feed.js';
import { emptyReport, type ImportReport, note } from './import-report.js';
import { mapWith } from './map-row.js';
import { columnsOf, type Mapping } from './mapping.js';
import { plainRows } from './plain-row.js';
import type { Progress } from './progress.js';
import { openRows } from './read-rows.js';
import { listNames, type Records, shaped } from './shape.js';

export interface ImportOptions {
  file: string;
  mapping?: Mapping | undefined;
  /** Without a mapping: what each row is. */
  type?: string | undefined;
  /** Checks and writes everything in one transaction, and takes it back. */
  dryRun?: boolean | undefined;
  onProgress?: (progress: Progress) => void;
}

/** One row with its records, which are taken together or not at all. */
interface Row {
  line: number;
  records: Records;
}

/**
 * Imports a file in batches, each in a transaction of its own; a row with a problem is left out with all of its records, and
 * every row is checked. Importing the file again is harmless: what is there already is unchanged.
 */
export async function importFile(open: () => Context, options: ImportOptions): Promise<ImportReport> {
  return await withCatalogue(open(), async () => await importKnown(open, options));
}

async function importKnown(open: () => Context, options: ImportOptions): Promise<ImportReport> {
  if (!options.dryRun) return await importRows(open, options, async (write) => await transact(open(), write));
  let report: ImportReport | undefined;
  await inTransaction(open(), async (ctx) => {
    report = await importRows(open, options, async (write) => await write(ctx));
    return false;
  });
  if (!report) throw new Error('An import has a report');
  return report;
}

type Write = (write: (ctx: Context) => Promise<UpsertResult>) => Promise<UpsertResult>;

async function importRows(open: () => Context, options: ImportOptions, write: Write): Promise<ImportReport> {
  const rows = openRows(options.file, options.mapping?.delimiter);
  const reader = readerOf(options, rows.format, open().now());
  const report = emptyReport();
  let batch = emptyBatch();
  for await (const row of rows.read(reader.check)) {
    report.rows += 1;
    const taken = row.values
      ? recordsOf(reader, row.line, row.values, report)
      : refuse(report, row.line, [{ path: [], code: '', message: row.problem }]);
    if (taken && !batch.add(taken)) {
      await writeBatch(batch.rows, write, report);
      batch = emptyBatch();
      batch.add(taken);
    }
    options.onProgress?.({ bytes: row.bytes, ofBytes: rows.bytes, rows: report.rows, problems: report.problemCount });
  }
  await writeBatch(batch.rows, write, report);
  // What the file itself shows is found before what the database knows.
  report.problems.sort((a, b) => a.line - b.line);
  return report;
}

interface Reader {
  check(columns: readonly string[]): void;
  map(values: Values, problems: Problems): Records;
}

function readerOf({ mapping, type, file }: ImportOptions, format: 'csv' | 'ndjson', today: Date): Reader {
  if (mapping) return { check: (columns) => checkColumns(mapping, columns, file), map: mapWith(mapping, today) };
  if (type !== undefined) return plainRows(type);
  if (format === 'csv')
    throw new WrongUse('Say what the rows are: --type contact, account or a type of business object, or --mapping FILE.');
  // Lines as the API takes them: { "contacts": [...], "accounts": [...], "objects": [...] }.
  return { check: () => undefined, map: (values, problems) => wholeInput(values, problems) };
}

function wholeInput(values: Values, problems: Problems): Records {
  for (const name of Object.keys(values)) {
    if (!listNames.some((each) => each === name))
      problems.add([name], 'UNKNOWN_FIELD', `A line has ${listNames.join(', ')}; or say what it is by --type.`);
  }
  return shaped(problems, values);
}

function checkColumns(mapping: Mapping, columns: readonly string[], file: string): void {
  const missing = columnsOf(mapping).filter((each) => !columns.includes(each));
  if (missing.length === 0) return;
  const words = missing.map((each) => `  ${each}${didYouMean(each, columns)}`).join('\n');
  throw new WrongUse(`The mapping names columns that ${file} has not:\n${words}\nIt has ${columns.join(', ')}.`);
}

function recordsOf(reader: Reader, line: number, values: Values, report: ImportReport): Row | undefined {
  const problems = new Problems();
  const records = reader.map(values, problems);
  const count = listNames.reduce((sum, list) => sum + records[list].length, 0);
  if (count > greatestCall) problems.add([], 'TOO_MANY', `The row gives ${count} records; at most ${greatestCall} are allowed.`);
  return problems.list.length > 0 ? refuse(report, line, problems.list) : { line, records };
}

function refuse(report: ImportReport, line: number, problems: readonly Problem[], type?: string): undefined {
  report.refused += 1;
  noteAll(report, line, problems, type);
  return undefined;
}

function noteAll(report: ImportReport, line: number, problems: readonly Problem[], type?: string): void {
  for (const { path, message } of problems) note(report, { line, ...(path.length > 0 && { field: fieldOf(path, type) }), message });
}

/** `['contacts', 17, 'emails', 0, 'address']` as `contact.emails[0].address`: which record of a batch it was says nothing. */
function fieldOf([list, index, ...rest]: readonly (string | number)[], type: string | undefined): string {
  if (typeof index !== 'number') return formatPath([list ?? '', ...(index === undefined ? [] : [index]), ...rest]);
  return formatPath([type ?? String(list).replace(/s$/, ''), ...rest]);
}

/** Rows that fit into one call: at most so many records, and none given twice with different content. */
function emptyBatch() {
  const rows: Row[] = [];
  const given = new Map<string, string>();
  return {
    rows,
    /** False where the row must wait for the next batch. */
    add(row: Row): boolean {
      const records = keyed(row.records);
      if (given.size + records.length > greatestCall) return false;
      if (records.some(([key, content]) => (given.get(key) ?? content) !== content)) return false;
      for (const [key, content] of records) given.set(key, content);
      rows.push(row);
      return true;
    },
  };
}

/** The records by list and id, with their content: rows may repeat what they share, such as their contact. */
function keyed(records: Records): [key: string, content: string][] {
  return listNames.flatMap((list) =>
    records[list].map((each): [string, string] => [
      JSON.stringify([list, 'type' in each ? each.type : '', each.externalId]),
      JSON.stringify(each),
    ]),
  );
}

/** Writes what can be written: rows with a problem are noted and left out, and the rest is tried again. */
async function writeBatch(rows: readonly Row[], write: Write, report: ImportReport): Promise<void> {
  let left = rows;
  while (left.length > 0) {
    const { input, origins } = joined(left);
    try {
      const result = await write(async (ctx) => await upsertCrmRecords(ctx, input));
      report.inserted += result.inserted;
      report.updated += result.updated;
      report.unchanged += result.unchanged;
      return;
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      left = withoutRefused(left, error.problems, origins, input, report);
    }
  }
}

function withoutRefused(
  rows: readonly Row[],
  problems: readonly Problem[],
  origins: Record<keyof Records, Row[]>,
  input: Records,
  report: ImportReport,
): Row[] {
  const refused = new Set<Row>();
  for (const problem of problems) {
    const [list, index] = problem.path as [keyof Records, number];
    const row = origins[list]?.[index];
    if (!row) throw new Invalid(problems);
    refused.add(row);
    noteAll(report, row.line, [problem], list === 'objects' ? input.objects[index]?.type : undefined);
  }
  report.refused += refused.size;
  return rows.filter((row) => !refused.has(row));
}

/** The records of the rows in one call, each once, and which row each came from. */
function joined(rows: readonly Row[]): { input: Records; origins: Record<keyof Records, Row[]> } {
  const input: Records = { contacts: [], accounts: [], objects: [] };
  const origins: Record<keyof Records, Row[]> = { contacts: [], accounts: [], objects: [] };
  const seen = new Set<string>();
  for (const row of rows) {
    const keys = keyed(row.records).values();
    for (const list of listNames) {
      for (const record of row.records[list]) {
        const key = keys.next().value?.[0] ?? '';
        if (seen.has(key)) continue;
        seen.add(key);
        (input[list] as (typeof record)[]).push(record);
        origins[list].push(row);
      }
    }
  }
  return { input, origins };
}
