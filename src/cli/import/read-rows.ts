import { createReadStream, statSync } from 'node:fs';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { CsvError, parse } from 'csv-parse';
import { Failed, WrongUse } from '../verb.js';
import type { Values } from './feed.js';

/** One row of the file, or what is wrong with it. `bytes` counts what has been read so far. */
export type FileRow = { line: number; bytes: number } & ({ values: Values; problem?: undefined } | { problem: string; values?: undefined });

export interface Rows {
  readonly bytes: number;
  readonly format: 'csv' | 'ndjson';
  /** Names the columns once they are known (CSV); throws what the caller throws. */
  read(onColumns: (columns: string[]) => void): AsyncGenerator<FileRow>;
}

const formats: Record<string, { format: 'csv' | 'ndjson'; delimiter: string }> = {
  '.csv': { format: 'csv', delimiter: ',' },
  '.tsv': { format: 'csv', delimiter: '\t' },
  '.ndjson': { format: 'ndjson', delimiter: '' },
  '.jsonl': { format: 'ndjson', delimiter: '' },
};

/** Opens a CSV or NDJSON file, told apart by its name. Rows are read as they are asked for. */
export function openRows(file: string, delimiter: string | undefined): Rows {
  const kind = formats[extname(file).toLowerCase()];
  if (!kind) throw new WrongUse(`${file} must end in ${Object.keys(formats).join(', ')}, which say how to read it.`);
  let bytes: number;
  try {
    bytes = statSync(file).size;
  } catch (error) {
    throw new WrongUse(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`);
  }
  return {
    bytes,
    format: kind.format,
    read: (onColumns) => (kind.format === 'csv' ? readCsv(file, delimiter ?? kind.delimiter, onColumns) : readNdjson(file)),
  };
}

interface CsvRecord {
  record: string[];
  info: { lines: number; bytes: number };
}

async function* readCsv(file: string, delimiter: string, onColumns: (columns: string[]) => void): AsyncGenerator<FileRow> {
  const parser = createReadStream(file).pipe(parse({ delimiter, bom: true, info: true, skip_empty_lines: true, relax_column_count: true }));
  let columns: string[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<CsvRecord>) {
      if (!columns) {
        columns = headerOf(record, file);
        onColumns(columns);
        continue;
      }
      // A quoted cell may run over several lines: the row begins where its last line ends, minus those.
      const line = info.lines - record.reduce((sum, cell) => sum + (cell.match(/\n/g)?.length ?? 0), 0);
      yield { line, bytes: info.bytes, ...csvValues(columns, record) };
    }
  } catch (error) {
    if (error instanceof CsvError) throw new Failed(`${file} is no CSV that can be read further: ${error.message}`);
    throw error;
  }
  if (!columns) throw new Failed(`${file} is empty: its first line must name the columns.`);
}

function headerOf(record: readonly string[], file: string): string[] {
  const columns = record.map((each) => each.trim());
  const twice = columns.find((each, index) => columns.indexOf(each) < index);
  if (twice !== undefined) throw new Failed(`${file} names the column ${JSON.stringify(twice)} twice.`);
  return columns;
}

function csvValues(columns: readonly string[], record: readonly string[]): { values: Values } | { problem: string } {
  if (record.length !== columns.length)
    return { problem: `The row has ${record.length} cells; the first line names ${columns.length} columns.` };
  if (record.some((cell) => cell.includes('\uFFFD'))) return { problem: 'The row is not in UTF-8; convert the file first.' };
  return { values: Object.fromEntries(columns.map((name, index) => [name, record[index] ?? ''])) };
}

async function* readNdjson(file: string): AsyncGenerator<FileRow> {
  const stream = createReadStream(file);
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    yield { line, bytes: stream.bytesRead, ...jsonValues(line === 1 ? text.replace(/^\uFEFF/, '') : text) };
  }
}

function jsonValues(text: string): { values: Values } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { values: value as Values };
    return { problem: 'The line is no JSON object.' };
  } catch (error) {
    return { problem: `The line is no JSON: ${(error as Error).message}` };
  }
}
