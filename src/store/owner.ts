import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * A process, told apart from every other one that may use the same folder: process ids are the same in every container
 * (the program is often process 1), on every machine of a network drive, and given again after a restart.
 */
export interface Owner {
  /** Where process ids mean the same: this start of this machine and, on Linux, this namespace of process ids. */
  readonly space: string;
  readonly processId: number;
  /** When the process began, as its system tells it; `0` where it doesn't. */
  readonly began: string;
}

let self: Owner | undefined;

export function thisProcess(): Owner {
  self ??= { space: thisSpace(), processId: process.pid, began: beganOf(process.pid) ?? '0' };
  return self;
}

/** Whether the owner still runs; undefined where its process ids aren't those of this process. */
export function isRunning({ space, processId, began }: Owner): boolean | undefined {
  if (space !== thisProcess().space) {
    return undefined;
  }
  try {
    process.kill(processId, 0);
  } catch (error) {
    // EPERM: it runs as another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') {
      return false;
    }
  }
  const found = beganOf(processId);
  return found === undefined || found === began;
}

function thisSpace(): string {
  const boot = orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const processes = orNothing(() => readlinkSync('/proc/self/ns/pid'));
  return createHash('sha256')
    .update(JSON.stringify([boot ?? hostname(), processes]))
    .digest('hex')
    .slice(0, 12);
}

/** Field 22 of proc(5)'s stat, in base 36; the name before it may hold anything, also parentheses. */
function beganOf(processId: number): string | undefined {
  const text = orNothing(() => readFileSync(`/proc/${processId}/stat`, 'latin1'));
  const ticks = text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  return ticks === undefined ? undefined : Number(ticks).toString(36);
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
