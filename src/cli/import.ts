import type { Command } from 'commander';
import { importEvents } from './import/import-events.js';
import { importFile } from './import/import-file.js';
import { importMembers } from './import/import-members.js';
import type { ImportReport } from './import/import-report.js';
import { readMapping } from './import/mapping.js';
import { showProgress } from './import/progress.js';
import { withSession } from './session.js';
import { addVerb, configOf, Failed, type Out, outOf, type VerbOptions, WrongUse } from './verb.js';

interface ImportVerbOptions extends VerbOptions {
  mapping?: string;
  type?: string;
  segment?: string;
  events?: boolean;
  dryRun?: boolean;
}

export function addImport(program: Command): void {
  addVerb(program, 'import', {
    summary: 'Import contacts, accounts and business objects from a CSV (.csv, .tsv) or NDJSON (.ndjson, .jsonl) file.',
    examples: [
      'carillon import customers.csv --mapping examples/telco/mapping.json',
      'carillon import examples/import/contacts.csv --type contact --dry-run',
      'carillon import examples/import/records.ndjson',
      'carillon import members.csv --segment "VIP customers"',
      'carillon import happened.ndjson --events',
    ],
    onData: true,
  })
    .argument('<file>', 'what to import; rows with a problem are left out and named, all others are taken')
    .option('--mapping <file>', 'which columns feed which fields, as JSON; see examples/telco/mapping.json')
    .option(
      '--type <type>',
      'without a mapping: each row is a contact, an account or an object of this type, its columns named as the fields',
    )
    .option('--segment <name>', 'lists the contacts of the column externalId in this segment, which is made where there is none')
    .option('--events', 'each line is an event as recordEvents takes it: object, event, payload, occurredAt, idempotencyKey')
    .option('--dry-run', 'check every row against the database and write nothing')
    .action(async (file: string, options: ImportVerbOptions) => {
      const out = outOf(options);
      const mapping = options.mapping === undefined ? undefined : readMapping(options.mapping);
      const { type, segment, events, dryRun } = options;
      if (events && (type !== undefined || mapping !== undefined || segment !== undefined))
        throw new WrongUse('Events say themselves what they are: give --events without --type, --mapping and --segment.');
      if (segment !== undefined && (type !== undefined || mapping !== undefined))
        throw new WrongUse('A file of members has one column, externalId: give --segment without --type and --mapping.');
      const started = performance.now();
      const report = await withSession(configOf(options), async ({ open }) => {
        const progress = showProgress(out.json ? undefined : process.stderr);
        try {
          if (events) return await importEvents(open, { file, dryRun, onProgress: progress.at });
          if (segment !== undefined) return await importMembers(open, { file, segment, dryRun, onProgress: progress.at });
          return await importFile(open, { file, mapping, type, dryRun, onProgress: progress.at });
        } finally {
          progress.end();
        }
      });
      const what = events ? 'events recorded' : segment === undefined ? 'records inserted' : `contacts listed in ${segment}`;
      say(out, report, { dryRun: dryRun ?? false, what, seconds: (performance.now() - started) / 1000 });
      if (report.problemCount > 0) throw new Failed('');
    });
}

interface Said {
  dryRun: boolean;
  /** What was done to those that are new. */
  what: string;
  seconds: number;
}

function say(out: Out, report: ImportReport, { dryRun, what, seconds }: Said): void {
  out.tell({ ...report, dryRun });
  for (const { line, field, message } of report.problems) out.say(`line ${line}: ${field ? `${field}: ` : ''}${message}`);
  const more = report.problemCount - report.problems.length;
  if (more > 0) out.say(`and ${more} more`);
  const { rows, refused, inserted, updated, unchanged } = report;
  if (refused > 0) out.say(`${refused} of ${rows} rows were left out, with ${report.problemCount} problems.`);
  out.say(
    `${dryRun ? 'Dry run, nothing is kept: ' : ''}${inserted} ${what}, ${updated} updated, ${unchanged} unchanged, from ${rows - refused} rows in ${seconds.toFixed(1)} s.`,
  );
}
