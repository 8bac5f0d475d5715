import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './files.js';

/** The version of package.json. */
export function versionOf(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}
