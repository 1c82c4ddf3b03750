import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { formatBytes } from './byte-size.js';
import { FheError } from './errors.js';

export interface InputFileOptions {
  /** What the file should be, for messages: `an image file`. */
  readonly expected: string;
  readonly maximumBytes: number;
  /** What to look at before the rest is read. */
  readonly beginning?: FileBeginning | undefined;
}

export interface FileBeginning {
  /** How many bytes of the file `lengthOf` is given; fewer where the file ends before. */
  readonly bytes: number;
  /**
   * How long the whole must be by its beginning; `size` is that of the file, undefined where it isn't known before the
   * end. Throws where beginning or size can't be right. Of a file that turns out longer, one byte more is read.
   */
  readonly lengthOf: (beginning: Buffer, size: number | undefined) => number;
}

/** The name that stands for standard input, as is usual on command lines. */
export const standardInput = '-';

/**
 * The content of a file, or with the path `-` that of standard input. Anything else that has a path (a folder, a device, a
 * pipe, which may never end) is refused without reading it.
 * Throws ERR_FILE when it can't be read or is too large, ERR_USAGE for a URL, and what looking at its beginning throws.
 */
export async function readInputFile(path: string, options: InputFileOptions): Promise<Buffer> {
  const { expected, maximumBytes, beginning } = options;
  if (path === standardInput) {
    return readToEnd('standard input', process.stdin, options);
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
    if (found.size === 0) {
      return await readToEnd(path, file.createReadStream({ autoClose: false }), options);
    }
    if (beginning !== undefined) {
      beginning.lengthOf(await readBytes(path, file, Math.min(beginning.bytes, found.size)), found.size);
    }
    return await readBytes(path, file, found.size);
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

/** The first bytes of a file; of one that is cut meanwhile, what is there of them. */
async function readBytes(path: string, file: FileHandle, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, filled, length - filled, filled);
      filled += bytesRead;
      if (bytesRead === 0 || filled === length) {
        return buffer.subarray(0, filled);
      }
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function readToEnd(name: string, stream: NodeJS.ReadableStream, options: InputFileOptions): Promise<Buffer> {
  const { beginning } = options;
  const parts: Buffer[] = [];
  let bytes = 0;
  let needed: number | undefined;
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      parts.push(part);
      bytes += part.length;
      if (bytes > options.maximumBytes) {
        throw tooLarge(name, bytes, options.maximumBytes);
      }
      if (beginning !== undefined && needed === undefined && bytes >= beginning.bytes) {
        needed = beginning.lengthOf(Buffer.concat(parts, beginning.bytes), undefined);
      }
      if (needed !== undefined && bytes > needed) {
        return Buffer.concat(parts, needed + 1);
      }
    }
  } catch (cause) {
    throw cause instanceof FheError ? cause : unreadable(name, cause);
  }
  const whole = Buffer.concat(parts, bytes);
  if (needed === undefined) {
    beginning?.lengthOf(whole.subarray(0, beginning.bytes), bytes);
  }
  return whole;
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
