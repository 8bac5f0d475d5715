import type { Role } from '../../src/access/viewer.js';
import type { TestApp } from './app.js';

export interface Uploaded {
  status: number;
  id: string;
  /** As in an error of GraphQL: the code, then each problem's path and code. */
  problems: string[];
  json: Record<string, any>;
}

/** Uploads a file as the API wants it; `headers` puts others in place of the usual ones. */
export async function upload(
  app: TestApp,
  file: { name: string; type: string; bytes: Uint8Array | string },
  { as = 'AGENT', headers = {} }: { as?: Role; headers?: Record<string, string | undefined> } = {},
): Promise<Uploaded> {
  const given: Record<string, string | undefined> = {
    authorization: `Bearer ${await app.token(as, as.toLowerCase())}`,
    'content-type': file.type,
    'x-filename': encodeURIComponent(file.name),
    ...headers,
  };
  const sent = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, string]]));
  const response = await fetch(`${app.url}/attachments`, { method: 'POST', headers: sent, body: Buffer.from(file.bytes) });
  const json = (await response.json()) as Record<string, any>;
  const { code, problems = [] } = json['errors']?.[0]?.extensions ?? {};
  return {
    status: response.status,
    id: json['id'],
    problems:
      code === undefined ? [] : [code, ...problems.map((each: { path: string[]; code: string }) => `${each.path.join('.')}: ${each.code}`)],
    json,
  };
}

export const pdf = '%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n';
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
