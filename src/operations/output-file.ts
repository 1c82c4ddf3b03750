import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FheError } from '../errors.js';

/**
 * Finds out before a long computation that its result could not be written: the folder must be there and writable, and
 * the path itself no folder. Throws ERR_FILE.
 */
export async function checkOutputFile(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new FheError('ERR_FILE', `${path}: ${folder} ${missing ? 'does not exist' : 'is not writable'}`, { cause });
  }
  if ((await stat(path).catch(() => undefined))?.isDirectory() === true) {
    throw new FheError('ERR_FILE', `${path}: a folder, expected the name of a file to write`);
  }
}
