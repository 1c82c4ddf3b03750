import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeError } from './file-error.js';
import { removeLeftovers, temporarySibling } from './leftovers.js';
import { realPlace } from './place.js';

/**
 * Writes the chunks one after another under a temporary name, syncs and renames: under `path`, or where a link of this
 * name leads to, there is the old content or the whole new one, never a part. Throws ERR_DISK_FULL or ERR_FILE.
 */
export async function writeFileAtomically(path: string, chunks: readonly Uint8Array[], mode = 0o644): Promise<void> {
  const target = await realPlace(path);
  await removeLeftovers(target);
  const temporary = temporarySibling(target, 'partial');
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      for (const chunk of chunks) {
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
    await syncPath(dirname(target));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    throw writeError(cause, path, bytes);
  }
}

/** Flushes a file's or folder's data to the disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
