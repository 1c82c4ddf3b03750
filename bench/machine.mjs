import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';

/** Processor extensions that the engines choose their kernels by. */
const RELEVANT_FLAGS = ['avx2', 'fma', 'avx512f', 'avx512ifma', 'asimd', 'sve'];

/** The machine that a result was measured on. */
export function describeMachine() {
  const cpus = os.cpus();
  const information = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const found = new Set((/^(?:flags|Features)\s*:\s*(.*)$/m.exec(information)?.[1] ?? '').split(' '));
  return {
    cpu: cpus[0]?.model.trim() ?? os.arch(),
    flags: RELEVANT_FLAGS.filter((flag) => found.has(flag)),
    cores: cpus.length,
    memoryBytes: os.totalmem(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
  };
}

/**
 * Commit of the checkout, with `+` when tracked files other than recorded results differ from it; `unknown` outside a
 * checkout.
 */
export function describeCommit(folder) {
  const git = (...commandLine) =>
    execFileSync('git', commandLine, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changes = git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!bench/results');
    return git('rev-parse', 'HEAD') + (changes === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
