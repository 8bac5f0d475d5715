import type { Problems } from '../errors.js';

/** The code of a business unit as it is kept; null where none is given. Units themselves are kept by the CRM. */
export function checkUnit(problems: Problems, path: (string | number)[], given: string | null | undefined): string | null {
  const unit = given?.trim() ?? null;
  if (unit !== null && !/^[\w.-]{1,100}$/.test(unit))
    problems.add(path, 'INVALID', 'The code of a unit has 1 to 100 letters, digits, dots, dashes or underscores.');
  return unit;
}
