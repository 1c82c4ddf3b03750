import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { formatBytes } from './byte-size.js';
import { FheError } from './errors.js';

export interface InputFileOptions {
  /** What the file should be, for messages: `an image file`. */
  readonly expected: string;
  readonly maximumBytes: number;
}

/** The name that stands for standard input, as is usual on command lines. */
export const standardInput = '-';

/**
 * The content of a file, or with the path `-` that of standard input. Anything else that has a path (a folder, a device, a
 * pipe, which may never end) is refused without reading it.
 * Throws ERR_FILE when it can't be read or is too large, and ERR_USAGE for a URL.
 */
export async function readInputFile(path: string, options: InputFileOptions): Promise<Buffer> {
  const { expected, maximumBytes } = options;
  if (path === standardInput) {
    return readToEnd('standard input', process.stdin, maximumBytes);
  }
  const file = await openInput(path, expected);
  try {
    const found = await file.stat();
    if (!found.isFile()) {
      const kind = found.isDirectory() ? 'a folder' : found.isFIFO() ? 'a pipe' : 'a device';
      const instead = found.isDirectory() ? '' : `; ${standardInput} in place of a name reads standard input`;
      throw new FheError('ERR_FILE', `${path}: ${kind}, expected ${expected}${instead}`);
    }
    if (found.size > maximumBytes) {
      throw tooLarge(path, found.size, maximumBytes);
    }
    // A file of the system may say that it is empty and is not.
    return found.size === 0
      ? await readToEnd(path, file.createReadStream({ autoClose: false }), maximumBytes)
      : await readBytes(path, file, found.size);
  } finally {
    await file.close();
  }
}

/** Without waiting for a writer, should it be a pipe. */
async function openInput(path: string, expected: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' && /^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
      throw new FheError('ERR_USAGE', `${path}: a URL, expected ${expected} on this machine; download it first`);
    }
    const found = { ENOENT: 'no such file', ENXIO: `a socket, expected ${expected}` }[code ?? ''];
    throw new FheError('ERR_FILE', `${path}: ${found ?? `can't be read (${code})`}`, { cause });
  }
}

/** Of a file that is written to meanwhile, what is there of these bytes. */
async function readBytes(path: string, file: FileHandle, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, filled, length - filled);
      filled += bytesRead;
      if (bytesRead === 0 || filled === length) {
        return buffer.subarray(0, filled);
      }
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function readToEnd(name: string, stream: NodeJS.ReadableStream, maximumBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      parts.push(part);
      bytes += part.length;
      if (bytes > maximumBytes) {
        throw tooLarge(name, bytes, maximumBytes);
      }
    }
  } catch (cause) {
    throw cause instanceof FheError ? cause : unreadable(name, cause);
  }
  return Buffer.concat(parts, bytes);
}

function tooLarge(name: string, bytes: number, maximumBytes: number): FheError {
  return new FheError(
    'ERR_FILE',
    `${name}: ${formatBytes(bytes)} or more; at most ${formatBytes(maximumBytes)} are read`,
  );
}

function unreadable(name: string, cause: unknown): FheError {
  return new FheError('ERR_FILE', `${name}: can't be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
}
