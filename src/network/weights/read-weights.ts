import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FheError } from '../../errors.js';
import { checkSafetensorsLength, longestPrefix } from './safetensors.js';

/** A safetensors file, whose header fits its length, and its SHA-256, hexadecimal. Throws ERR_WEIGHTS. */
export async function readWeights(path: string): Promise<{ readonly bytes: Buffer; readonly sha256: string }> {
  const bytes = await readChecked(path, 'no such file', checkLength);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** The header says how long the file must be. */
async function checkLength(file: FileHandle, size: number, path: string): Promise<void> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(longestPrefix), 0, longestPrefix, 0);
  checkSafetensorsLength(buffer.subarray(0, bytesRead), size, path);
}

/** Reads a file whole once `check` has accepted its beginning and its size in bytes. */
export async function readChecked(
  path: string,
  missing: string,
  check: (file: FileHandle, size: number, path: string) => Promise<void>,
): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    // Opening a pipe without O_NONBLOCK waits for a writer.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const found = await file.stat();
    if (!found.isFile()) {
      throw new FheError('ERR_WEIGHTS', `${path}: expected a file, found a folder, pipe or device`);
    }
    await check(file, found.size, path);
    return await file.readFile();
  } catch (cause) {
    if (cause instanceof FheError) {
      throw cause;
    }
    const { code } = cause as NodeJS.ErrnoException;
    throw new FheError('ERR_WEIGHTS', `${path}: ${code === 'ENOENT' ? missing : `can't be read (${code})`}`, { cause });
  } finally {
    await file?.close();
  }
}
