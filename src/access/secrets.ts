import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config.js';
import type { Services } from '../context.js';
import { secretOf } from '../database/folder.js';

/** One secret for each purpose, all from SECRET_KEY, so that every process with the same settings agrees. */
export function secretsOf(config: Config): Services['secrets'] {
  const master = config.secretKey ?? secretOf(join(config.dataDir, 'secret.key'));
  const derive = (purpose: string) => new Uint8Array(hkdfSync('sha256', master, 'carillon', purpose, 32));
  return { jwt: config.jwtSecret ? new TextEncoder().encode(config.jwtSecret) : derive('jwt'), cursor: derive('cursor') };
}
