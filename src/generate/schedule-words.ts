import type { Context } from '../context.js';
import { takeTurns } from '../database/lock.js';
import { rows } from '../database/sql.js';
import { Problems } from '../errors.js';

/** What people call a schedule beside its name (R10); undefined stays as it is, blank is none. */
export interface ScheduleWords {
  /** Unique among schedules. */
  code?: string | null | undefined;
  description?: string | null | undefined;
}

const longestDescription = 2_000;

/** Both as they are kept; `except` is the schedule that has them already. */
export async function checkWords(
  ctx: Context,
  { code: given, description: told, except = null }: ScheduleWords & { except?: string | null },
): Promise<{ code: string | null; description: string | null }> {
  const problems = new Problems();
  const code = given?.trim() || null;
  const description = told?.trim() || null;
  if (code !== null) await checkCode(ctx, code, except, problems);
  if (description !== null && description.length > longestDescription)
    problems.add(['description'], 'TOO_LONG', `A description has ${longestDescription} characters at most.`);
  problems.throwIfAny();
  return { code, description };
}

async function checkCode(ctx: Context, code: string, except: string | null, problems: Problems): Promise<void> {
  if (!/^[\w.-]{1,100}$/.test(code)) {
    problems.add(['code'], 'INVALID', 'A code has 1 to 100 letters, digits, dots, dashes or underscores.');
    return;
  }
  await takeTurns(ctx, 'schedule.codes');
  const taken = await rows(ctx, 'select 1 from schedule where code = $1 and id is distinct from $2::uuid', [code, except]);
  if (taken.length > 0) problems.add(['code'], 'TAKEN', `There is a schedule with the code ${JSON.stringify(code)} already.`);
}
