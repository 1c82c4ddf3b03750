import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { FheError } from '../errors.js';
import type { ProgressReport } from '../progress-report.js';
import { readError } from './file-error.js';

export interface StoreOptions {
  readonly progress?: ((report: ProgressReport) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const chunkBytes = 2 ** 20;

/**
 * SHA-256 of a file, hexadecimal, read in chunks; `onBytes` is called with each chunk's length.
 * Throws ERR_CANCELLED when the signal fires, and ERR_FILE when the file can't be read.
 */
export async function hashFile(
  path: string,
  onBytes: (count: number) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw readError(cause, path);
  });
  try {
    for (;;) {
      if (signal?.aborted === true) {
        throw new FheError('ERR_CANCELLED', `reading ${path} was interrupted`);
      }
      const { bytesRead } = await file.read(buffer, 0, chunkBytes);
      if (bytesRead === 0) {
        return hash.digest('hex');
      }
      hash.update(buffer.subarray(0, bytesRead));
      onBytes(bytesRead);
    }
  } finally {
    await file.close();
  }
}
