import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What lies beside `target` under a temporary name: something half written, or what it is about to replace. */
type LeftoverKind = 'partial' | 'replaced';

/** A hidden sibling of `target` that tells which process made it: `.<name>.<process id>-<random>.<kind>`. */
export function temporarySibling(target: string, kind: LeftoverKind): string {
  const unique = `${process.pid}-${randomBytes(6).toString('hex')}`;
  return join(dirname(target), `.${basename(target)}.${unique}.${kind}`);
}

/**
 * Cleans up beside `target` after processes that no longer run: half-written files and folders are removed; what was
 * moved aside to be replaced is put back when the replacement never arrived, else removed. What can't be cleaned up
 * (a folder that may only be read) stays: it is in nobody's way.
 */
export async function removeLeftovers(target: string): Promise<void> {
  const folder = dirname(target);
  const prefix = `.${basename(target)}.`;
  const siblings = await readdir(folder).catch((): string[] => []);
  for (const name of siblings.filter((sibling) => sibling.startsWith(prefix))) {
    const match = /^(\d+)-[0-9a-f]{12}\.(partial|replaced)$/.exec(name.slice(prefix.length));
    if (match === null || isRunning(Number(match[1]))) {
      continue;
    }
    if (match[2] === 'replaced' && !siblings.includes(basename(target))) {
      await rename(join(folder, name), target).catch(() => undefined);
    } else {
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
