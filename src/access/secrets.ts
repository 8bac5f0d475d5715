import { hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import type { Config } from '../config.js';
import type { Services } from '../context.js';
import { secretOf } from '../database/folder.js';

/** One secret for each purpose, all from SECRET_KEY, so that every process with the same settings agrees. */
export function secretsOf(config: Config): Services['secrets'] {
  const master = config.secretKey ?? secretOf(join(config.dataDir, 'secret.key'));
  const derive = (purpose: string) => new Uint8Array(hkdfSync('sha256', master, 'carillon', purpose, 32));
  const links = new Map<number, Uint8Array>();
  const link = (id: number) => {
    const key = links.get(id) ?? derive(`link ${id}`);
    links.set(id, key);
    return key;
  };
  return {
    jwt: config.jwtSecret ? new TextEncoder().encode(config.jwtSecret) : derive('jwt'),
    cursor: derive('cursor'),
    print: derive('print'),
    attachment: derive('attachment'),
    link,
  };
}

/** How the outside reaches this server; `own` is the address that a server took where the configuration leaves the port open. */
export function publicUrlOf({ publicUrl, host, port }: Config, own?: string): string {
  if (publicUrl !== undefined) return publicUrl;
  if (port === 0 && own !== undefined) return own;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
