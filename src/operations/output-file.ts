import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FheError } from '../errors.js';

/**
 * Finds out before a long computation that its result could not be written: the folder must be there and writable, and
 * what has the path already, if anything, a file that may be replaced: no folder, no device, and none of `others`, which
 * the operation reads or writes too. Throws ERR_FILE, or ERR_USAGE for a path that is named twice.
 */
export async function checkOutputFile(path: string, others: readonly string[]): Promise<void> {
  if (others.some((other) => resolve(other) === resolve(path))) {
    throw new FheError('ERR_USAGE', `${path}: named twice, so it would be overwritten; name another file to write`);
  }
  const folder = dirname(resolve(path));
  const parent = await stat(folder).catch(() => undefined);
  if (parent?.isDirectory() === false) {
    throw new FheError('ERR_FILE', `${path}: ${folder} is not a folder`);
  }
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new FheError('ERR_FILE', `${path}: ${folder} ${missing ? 'does not exist' : 'is not writable'}`, { cause });
  }
  const present = await stat(path).catch(() => undefined);
  if (present?.isFile() === false) {
    const found = present.isDirectory() ? 'a folder' : 'a device or pipe';
    throw new FheError('ERR_FILE', `${path}: ${found}, expected the name of a file to write`);
  }
}
