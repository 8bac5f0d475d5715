import type { Problems } from '../errors.js';

const greatestName = 100; // characters
const greatestValue = 10_000; // characters
const most = 200;

/** Parameters by name, checked: what cannot be kept, and a name that comes twice, is a problem. */
export function paramsOf(
  parameters: readonly { name: string; value: string }[],
  problems: Problems,
  path: readonly (string | number)[],
): Record<string, string> {
  if (parameters.length > most)
    problems.add([...path], 'TOO_MANY', `There are ${parameters.length} parameters; at most ${most} are taken.`);
  const params = new Map<string, string>();
  for (const [index, { name, value }] of parameters.entries()) {
    if (!/^[\p{L}\p{N}_]+$/u.test(name) || name.length > greatestName) {
      problems.add([...path, index, 'name'], 'INVALID_NAME', `A parameter's name has letters, digits and _, at most ${greatestName}.`);
    } else if (params.has(name)) {
      problems.add([...path, index, 'name'], 'DUPLICATE', `The parameter ${name} is given twice.`);
    }
    if (value.length > greatestValue || value.includes('\u0000') || !value.isWellFormed()) {
      problems.add(
        [...path, index, 'value'],
        'INVALID_TEXT',
        `A value has at most ${greatestValue} characters, no NUL and no broken Unicode.`,
      );
    }
    params.set(name, value);
  }
  return Object.fromEntries(params);
}
