import { execFileSync, spawn } from 'node:child_process';
import { launcher, type ProgramRun } from '../cli/program.js';

/** Runs a shell script whose arguments, `"$@"`, are the compiled program's command line. */
export function runScript(
  script: string,
  commandLine: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  shell: readonly [string, ...string[]] = ['bash'],
): Promise<ProgramRun> {
  const [command, ...rest] = shell;
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...rest, '-c', script, command, process.execPath, launcher, ...commandLine], {
      env: { ...process.env, NO_COLOR: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status: status ?? signal, stdout, stderr }));
  });
}

/** A shell with mounts of its own, so that a test can have a small disk; undefined where the system allows none. */
export function shellWithOwnMounts(): readonly [string, ...string[]] | undefined {
  const unshare = ['unshare', '--user', '--map-root-user', '--mount'] as const;
  try {
    execFileSync(unshare[0], [...unshare.slice(1), 'true'], { stdio: 'ignore' });
    return [...unshare, 'bash'];
  } catch {
    return undefined;
  }
}
