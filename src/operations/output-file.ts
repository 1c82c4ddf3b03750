import type { BigIntStats } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FheError } from '../errors.js';
import { standardInput } from '../input-file.js';
import { temporarySibling } from '../store/leftovers.js';
import { realPlace } from '../store/place.js';

/**
 * Finds out before a long computation that its result could not be written: a file can be made in the folder, and what
 * has the path already, if anything, is a file that may be replaced: no folder, no device, and none of `others`, which the
 * operation reads or writes too, under whichever name. Throws ERR_FILE, or ERR_USAGE for a file that is named twice.
 */
export async function checkOutputFile(path: string, others: readonly string[]): Promise<void> {
  const target = await realPlace(path);
  const present = await statOrNothing(target);
  for (const other of others.filter((name) => name !== standardInput)) {
    const place = await realPlace(other);
    const found = await statOrNothing(place);
    if (place === target || (present !== undefined && found?.ino === present.ino && found.dev === present.dev)) {
      throw new FheError('ERR_USAGE', `${path}: named twice, so it would be overwritten; name another file to write`);
    }
  }
  if (present?.isFile() === false) {
    const found = present.isDirectory() ? 'a folder' : 'a device or pipe';
    throw new FheError('ERR_FILE', `${path}: ${found}, expected the name of a file to write`);
  }
  await tryToWrite(path, target);
}

async function tryToWrite(path: string, target: string): Promise<void> {
  const folder = dirname(target);
  const trial = temporarySibling(target, 'partial');
  try {
    await (await open(trial, 'wx')).close();
    await rm(trial);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const found = {
      ENOENT: 'does not exist',
      ENOTDIR: 'is not a folder',
      EACCES: 'is not writable',
      EPERM: 'is not writable',
      EROFS: 'is on a disk that can only be read',
      ENOSPC: 'is on a full disk',
    }[code ?? ''];
    throw new FheError('ERR_FILE', `${path}: ${folder} ${found ?? `can't be written to (${code})`}`, { cause });
  }
}

async function statOrNothing(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENAMETOOLONG') {
      throw new FheError('ERR_FILE', `${path}: the name is longer than the file system takes; name it shorter`, {
        cause,
      });
    }
    return undefined;
  }
}
