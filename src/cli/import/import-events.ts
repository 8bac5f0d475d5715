import { type GivenEvent, mostEvents, recordEvents } from '../../audience/events/record.js';
import { withCatalogue } from '../../catalogue/current.js';
import type { Context } from '../../context.js';
import { rows } from '../../database/sql.js';
import { Conflict, formatPath, Invalid } from '../../errors.js';
import { inTransaction, transact } from '../../graphql/request.js';
import { scalarProblem } from '../../graphql/scalars.js';
import { WrongUse } from '../verb.js';
import type { Values } from './feed.js';
import { emptyReport, type ImportReport, note } from './import-report.js';
import type { Progress } from './progress.js';
import { openRows } from './read-rows.js';

export interface EventsOptions {
  file: string;
  dryRun?: boolean | undefined;
  onProgress?: (progress: Progress) => void;
}

interface Line {
  line: number;
  event: GivenEvent;
}

type Write = (write: (ctx: Context) => Promise<void>) => Promise<void>;

/**
 * Records the events of an NDJSON file, a line an EventInput, in batches, each in a transaction of its own. A line with a problem
 * is named and left out, every other one is taken; one whose key is known counts as unchanged, so importing again is harmless.
 */
export async function importEvents(open: () => Context, options: EventsOptions): Promise<ImportReport> {
  return await withCatalogue(open(), async () => {
    if (!options.dryRun) return await importLines(options, async (write) => await transact(open(), write));
    let report: ImportReport | undefined;
    await inTransaction(open(), async (ctx) => {
      report = await importLines(options, async (write) => await attempt(ctx, write));
      return false;
    });
    if (!report) throw new Error('An import has a report');
    return report;
  });
}

/** In one transaction for the whole file, what a batch has written that is refused must not count as known. */
async function attempt(ctx: Context, write: (ctx: Context) => Promise<void>): Promise<void> {
  await rows(ctx, 'savepoint batch');
  try {
    await write(ctx);
    await rows(ctx, 'release savepoint batch');
  } catch (error) {
    await rows(ctx, 'rollback to savepoint batch');
    throw error;
  }
}

async function importLines({ file, onProgress }: EventsOptions, write: Write): Promise<ImportReport> {
  const source = openRows(file, undefined);
  if (source.format !== 'ndjson') throw new WrongUse(`Events come as NDJSON, a line an event; ${file} is none.`);
  const report = emptyReport();
  let batch: Line[] = [];
  const flush = async () => {
    await recordBatch(batch, write, report);
    batch = [];
  };
  for await (const row of source.read(() => undefined)) {
    report.rows += 1;
    const read = row.values ? eventOf(row.values) : row.problem;
    if (typeof read === 'string') refuse(report, row.line, read);
    else batch.push({ line: row.line, event: read });
    if (batch.length >= mostEvents) await flush();
    onProgress?.({ bytes: row.bytes, ofBytes: source.bytes, rows: report.rows, problems: report.problemCount });
  }
  await flush();
  report.problems.sort((a, b) => a.line - b.line);
  return report;
}

/** The event of a line, or what is wrong with its shape. */
function eventOf({ object, event, payload = null, occurredAt = null, idempotencyKey = null, ...others }: Values): GivenEvent | string {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    return `A line has object, event, payload, occurredAt and idempotencyKey; ${JSON.stringify(unknown)} is none of them.`;
  const { type, externalId } = (isObject(object) ? object : {}) as { type?: unknown; externalId?: unknown };
  if (typeof type !== 'string' || typeof externalId !== 'string' || typeof event !== 'string')
    return 'A line needs "object": { "type": ..., "externalId": ... } and "event".';
  if (payload !== null && !isObject(payload)) return 'The payload must be a JSON object.';
  if (idempotencyKey !== null && typeof idempotencyKey !== 'string') return 'The idempotencyKey must be a text.';
  const problem = occurredAt === null || typeof occurredAt !== 'string' ? undefined : scalarProblem('DateTime', occurredAt);
  if (problem || (occurredAt !== null && typeof occurredAt !== 'string'))
    return problem?.message ?? 'occurredAt must be an instant, as a text.';
  return { objectType: type, externalId, event, payload, occurredAt, idempotencyKey };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lines with a problem are noted and left out, and the rest is tried again. */
async function recordBatch(lines: readonly Line[], write: Write, report: ImportReport): Promise<void> {
  if (lines.length === 0) return;
  try {
    await write(async (ctx) => {
      const { recorded, duplicates } = await recordEvents(
        ctx,
        lines.map((each) => each.event),
      );
      report.inserted += recorded;
      report.unchanged += duplicates;
    });
  } catch (error) {
    if (!(error instanceof Invalid || error instanceof Conflict) || error.problems.length === 0) throw error;
    const wrong = new Set<number>();
    for (const { path, message } of error.problems) {
      const index = path[1];
      if (typeof index !== 'number') throw error;
      if (!wrong.has(index)) report.refused += 1;
      wrong.add(index);
      note(report, { line: lines[index]?.line ?? 0, field: formatPath(path.slice(2)), message });
    }
    await recordBatch(
      lines.filter((_, index) => !wrong.has(index)),
      write,
      report,
    );
  }
}

function refuse(report: ImportReport, line: number, message: string): void {
  report.refused += 1;
  note(report, { line, message });
}
