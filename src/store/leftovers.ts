import { createHash, randomBytes } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRunning, type Owner, thisProcess } from './owner.js';

/** What lies beside `target` under a temporary name: something half written, or what it is about to replace. */
type SiblingKind = 'partial' | 'replaced';

/** What stands under a temporary name beside a target, and whether whoever made it is still at work. */
interface TemporarySibling {
  readonly path: string;
  readonly kind: SiblingKind;
  readonly inUse: boolean;
}

/**
 * How long something under a temporary name may stay untouched until it counts as left behind, where its owner can't be
 * asked for: in another container, on another machine. `keepInUse` touches it far more often.
 */
const leaseMilliseconds = 120_000;
const renewalMilliseconds = 10_000;

/** A new hidden sibling of `target` that tells which process made it: `.<stem>.<owner>-<random>.<kind>`. */
export function temporarySibling(target: string, kind: SiblingKind): string {
  const { space, processId, began } = thisProcess();
  const unique = [space, processId, began, randomBytes(6).toString('hex')].join('-');
  return join(dirname(target), `.${stemOf(target)}.${unique}.${kind}`);
}

/** Names up to the longest that a file system takes: what is put around the stem must still fit. */
function stemOf(target: string): string {
  const name = basename(target);
  return Buffer.byteLength(name) <= 60 ? name : createHash('sha256').update(name).digest('hex').slice(0, 32);
}

/** What other processes have under temporary names beside `target`, or left there. */
export async function temporarySiblings(target: string): Promise<TemporarySibling[]> {
  const folder = dirname(target);
  const prefix = `.${stemOf(target)}.`;
  const siblings: TemporarySibling[] = [];
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const match = /^([^.]+)\.(partial|replaced)$/.exec(name.startsWith(prefix) ? name.slice(prefix.length) : '');
    if (match !== null) {
      const path = join(folder, name);
      siblings.push({ path, kind: match[2] as SiblingKind, inUse: await isInUse(path, ownerOf(match[1]!)) });
    }
  }
  return siblings;
}

function ownerOf(unique: string): Owner | undefined {
  const match = /^([0-9a-f]{12})-(\d+)-([0-9a-z]+)-[0-9a-f]{12}$/.exec(unique);
  return match === null ? undefined : { space: match[1]!, processId: Number(match[2]), began: match[3]! };
}

async function isInUse(path: string, owner: Owner | undefined): Promise<boolean> {
  const running = owner === undefined ? undefined : isRunning(owner);
  if (running !== undefined) {
    return running;
  }
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs < leaseMilliseconds;
}

/**
 * Cleans up beside `target` after processes that no longer run: half-written files and folders are removed; what was
 * moved aside to be replaced is put back when the replacement never arrived, else removed. What can't be cleaned up
 * (a folder that may only be read) stays: it is in nobody's way.
 */
export async function removeLeftovers(target: string): Promise<void> {
  const leftovers = (await temporarySiblings(target)).filter(({ inUse }) => !inUse);
  for (const { path, kind } of leftovers) {
    const present = await stat(target).catch(() => undefined);
    if (kind === 'replaced' && present === undefined) {
      await rename(path, target).catch(() => undefined);
    } else {
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** Until it is disposed of, processes that can't ask for this one see that the sibling is in use. */
export function keepInUse(path: string): Disposable {
  const renew = (): void => {
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      // It was removed or moved into place; its owner finds out by itself.
    }
  };
  const timer = setInterval(renew, renewalMilliseconds).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
