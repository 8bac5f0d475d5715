import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the package: the same from the sources and from the compiled program. */
export const packageRoot = findRoot(import.meta.dirname);

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('The package of this program has no package.json');
  return findRoot(parent);
}
