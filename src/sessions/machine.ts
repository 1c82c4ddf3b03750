import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import os from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** Memory that this process may use: the machine's, or the limit of its control group where that is smaller. Bytes. */
export function memoryOfMachine(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, os.totalmem()) : os.totalmem();
}

/** Free bytes on the disk that holds the folder, or will hold it. */
export async function freeDisk(folder: string): Promise<number> {
  for (let place = folder; ; place = dirname(place)) {
    try {
      const { bavail, bsize } = await statfs(place);
      return bavail * bsize;
    } catch (error) {
      if (place === dirname(place)) {
        throw error;
      }
    }
  }
}

/** Processor extensions that the ckks engine chooses its kernels by, as far as the system names them. */
export function processorFeatures(): string[] {
  const relevant = ['avx2', 'fma', 'avx512f', 'avx512ifma', 'asimd'];
  try {
    const found = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
    return relevant.filter((flag) => found.includes(flag));
  } catch {
    return [];
  }
}

/** First line that a tool prints for `--version`; undefined when it can't be run. */
export async function toolVersion(tool: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(tool, ['--version']);
    return stdout.split('\n')[0]?.trim();
  } catch {
    return undefined;
  }
}
