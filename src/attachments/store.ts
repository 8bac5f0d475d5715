import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Where the bytes of attachments are kept, by a key that we choose. One driver keeps files; another may keep them in an object
 * store, where several machines share them.
 */
export interface AttachmentStore {
  /** Whole or not at all. The same key again replaces what was there. */
  put(key: string, bytes: Buffer): Promise<void>;
  /** Rejects where there is nothing under the key. */
  get(key: string): Promise<Buffer>;
  /** Succeeds where there is nothing, too. */
  remove(key: string): Promise<void>;
}

/** Files below a folder that only this user reads. */
export function filesIn(folder: string): AttachmentStore {
  const fileOf = (key: string) => {
    // The keys are ours; one that could leave the folder is a mistake in the program.
    if (!/^[\da-f-]{36}$/.test(key)) throw new Error(`No key of an attachment: ${key}`);
    // The end of an id of version 7 is random, its beginning is the time.
    return join(folder, key.slice(-2), key);
  };
  return {
    async put(key, bytes) {
      const file = fileOf(key);
      const draft = `${file}.${randomUUID()}`;
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      try {
        await using handle = await open(draft, 'wx', 0o600);
        await handle.writeFile(bytes);
        await handle.sync();
        await rename(draft, file);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
    get: async (key) => await readFile(fileOf(key)),
    remove: async (key) => await rm(fileOf(key), { force: true }),
  };
}
