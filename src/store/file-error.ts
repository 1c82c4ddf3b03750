import { formatBytes } from '../byte-size.js';
import { FheError } from '../errors.js';

/**
 * The error for a failed write: ERR_DISK_FULL where the disk or quota is full, else ERR_FILE. An FheError is passed on.
 * `neededBytes`: what the whole write takes, where it is known.
 */
export function writeError(cause: unknown, path: string, neededBytes: number | undefined): FheError {
  if (cause instanceof FheError) {
    return cause;
  }
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const needed = neededBytes === undefined ? '' : `, ${formatBytes(neededBytes)} are needed`;
    return new FheError('ERR_DISK_FULL', `${path}: the disk is full${needed}; nothing was kept`, { cause });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FheError('ERR_FILE', `${path}: can't be written (${code ?? reason})`, { cause });
}

/** The error for a file or folder that is there and can't be read: ERR_FILE. An FheError is passed on. */
export function readError(cause: unknown, path: string): FheError {
  if (cause instanceof FheError) {
    return cause;
  }
  const { code } = cause as NodeJS.ErrnoException;
  const advice = code === 'EACCES' ? '; ask its owner for the permission, or for a copy' : '';
  return new FheError('ERR_FILE', `${path}: can't be read (${code})${advice}`, { cause });
}
