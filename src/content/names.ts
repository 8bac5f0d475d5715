import { takeTurns } from '../database/lock.js';
import { type HasEntityManager, rows } from '../database/sql.js';
import type { Problems } from '../errors.js';

export interface Named {
  /** Where it is kept, and what people call it. */
  table: 'template' | 'category' | 'plan' | 'rule';
  name: string;
  code: string;
  /** The row that has the names already. */
  except?: string | undefined;
}

/** Adds a problem for a name or code that cannot be kept, or that another row has. What is free stays so until the transaction ends. */
export async function checkNames(ctx: HasEntityManager, problems: Problems, { table, name, code, except }: Named): Promise<void> {
  const before = problems.list.length;
  if (name === '' || name.length > 200 || /\p{Cc}/u.test(name))
    problems.add(['name'], 'INVALID', 'A name has 1 to 200 characters, in one line.');
  if (!/^[\w.-]{1,100}$/.test(code)) problems.add(['code'], 'INVALID', 'A code has 1 to 100 letters, digits, dots, dashes or underscores.');
  if (problems.list.length > before) return;
  await takeTurns(ctx, `${table}.names`);
  const taken = await rows<{ name: boolean; code: boolean }>(
    ctx,
    `select name = $1 as name, code = $2 as code from ${table} where (name = $1 or code = $2) and id is distinct from $3::uuid`,
    [name, code, except ?? null],
  );
  if (taken.some((each) => each.name)) problems.add(['name'], 'TAKEN', `There is a ${table} ${JSON.stringify(name)} already.`);
  if (taken.some((each) => each.code))
    problems.add(['code'], 'TAKEN', `There is a ${table} with the code ${JSON.stringify(code)} already.`);
}
