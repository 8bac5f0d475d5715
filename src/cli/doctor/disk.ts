import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '../../config.js';
import type { Check } from './checks.js';

const gigabyte = 2 ** 30;
const tightBytes = 2 * gigabyte;
const fullBytes = gigabyte / 4;

/** Whether DATA_DIR, or the folder that it would be made in, can be written and has room. */
export function checkDataDir({ dataDir }: Config): Check[] {
  const folder = nearestExisting(resolve(dataDir));
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch {
    const advice = 'Set DATA_DIR to a folder that this user may write.';
    return [{ name: 'DATA_DIR', status: 'failed', finding: `${folder} cannot be written by this user`, advice }];
  }
  const finding = folder === resolve(dataDir) ? `${dataDir} can be written` : `${dataDir} will be made at the first start`;
  return [{ name: 'DATA_DIR', status: 'ok', finding }, checkDisk(folder)];
}

function checkDisk(folder: string): Check {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const finding = `${(free / gigabyte).toFixed(1)} GB free for ${folder}`;
  if (free >= tightBytes) return { name: 'disk', status: 'ok', finding };
  return { name: 'disk', status: free < fullBytes ? 'failed' : 'warning', finding, advice: 'Make room: a full disk stops the database.' };
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}
