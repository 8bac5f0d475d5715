import { type EntryFiles, entryFiles } from './operations.js';
import { request } from './request.js';

/** Whether a body shows images that go with its message. */
export function hasImages(body: string): boolean {
  return /\bcid:att_/i.test(body);
}

/**
 * A body whose `cid:` references lead to the images that go with the entry, for some minutes; those that do not are left. `url`
 * is that of /graphql.
 */
export async function withImages(url: string, token: string, entry: { id: string; body: string }): Promise<string> {
  const { node } = await request<EntryFiles>(url, token, entryFiles(entry.id));
  const files = node?.attachments ?? node?.communication?.attachments ?? [];
  const places = new Map(files.filter((each) => each.type.startsWith('image/')).map((each) => [each.id, new URL(each.url, url).href]));
  return entry.body.replace(/\bcid:(att_[\da-f]{32})\b/gi, (whole, id: string) => places.get(id.toLowerCase()) ?? whole);
}
