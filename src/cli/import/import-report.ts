import type { UpsertResult } from '../../audience/upsert/upsert.js';

export interface RowProblem {
  line: number;
  /** The field of the record, where it is one's. */
  field?: string;
  message: string;
}

export interface ImportReport extends UpsertResult {
  rows: number;
  /** Rows of which nothing was taken. */
  refused: number;
  problemCount: number;
  /** The first of them. */
  problems: RowProblem[];
}

const shownProblems = 20;

export function emptyReport(): ImportReport {
  return { rows: 0, refused: 0, inserted: 0, updated: 0, unchanged: 0, problemCount: 0, problems: [] };
}

/** Counts a problem, and keeps it where it is among the first. */
export function note(report: ImportReport, problem: RowProblem): void {
  report.problemCount += 1;
  if (report.problems.length < shownProblems) report.problems.push(problem);
}
