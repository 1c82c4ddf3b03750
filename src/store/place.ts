import { lstat, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FheError } from '../errors.js';

/**
 * Where a file or folder is written that the user named: what a symbolic link leads to, so that the link stays and what is
 * behind it is replaced. Throws ERR_FILE for a link that leads nowhere.
 */
export async function realPlace(path: string): Promise<string> {
  const absolute = resolve(path);
  const found = await lstat(absolute).catch(() => undefined);
  if (found?.isSymbolicLink() !== true) {
    return absolute;
  }
  try {
    return await realpath(absolute);
  } catch (cause) {
    const target = await readlink(absolute);
    throw new FheError('ERR_FILE', `${path}: a symbolic link to ${target}, which is not there; remove the link`, {
      cause,
    });
  }
}

/** Whether another file system begins in the folder: it can't be renamed or replaced then, only what is in it. */
export async function isMountPoint(folder: string): Promise<boolean> {
  const [here, above] = await Promise.all([stat(folder), stat(dirname(folder))]);
  if (here.dev !== above.dev) {
    return true;
  }
  // A folder of the same disk can be mounted too, as containers do. Spaces and the like are octal: proc(5), mountinfo.
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const place = (await realpath(folder)).replace(
    /[ \t\n\\]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return mounts.split('\n').some((line) => line.split(' ')[4] === place);
}
