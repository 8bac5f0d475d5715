import type { Problems } from '../errors.js';
import { lex } from './lex.js';

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

/** The names of the unrestricted tags in these texts, each once, in the order in which they first occur. In any case they are one (AMB-4). */
export function parametersIn(texts: readonly { subject?: string | null; body: string; format?: string | null }[]): string[] {
  const found = new Map<string, string>();
  for (const { subject, body, format } of texts) {
    const tokens = [...lex(subject ?? '', 'TEXT').tokens, ...lex(body, format === 'HTML' || format === 'MJML' ? 'HTML' : 'TEXT').tokens];
    for (const token of tokens) {
      if (typeof token === 'string' || !token.path.type.open) continue;
      const name = token.path.field;
      if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), name);
    }
  }
  return [...found.values()];
}
