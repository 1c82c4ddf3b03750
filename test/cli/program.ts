import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ProgramRun {
  readonly status: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** What the program reads from its standard input; default: nothing, at once. */
  readonly input?: Uint8Array;
  /** Default: that of this checkout. */
  readonly launcher?: string;
  /** Called with the child at once; what it reads from its standard input is then for this to write and to end. */
  readonly started?: (child: ChildProcessWithoutNullStreams) => void;
  /** Called with the child as soon as its stderr contains the text; used to interrupt it at a known moment. */
  readonly when?: { readonly stderrContains: string; readonly act: (child: ChildProcess) => void };
}

export const launcher = fileURLToPath(new URL('../../bin/resnet20-fhe.js', import.meta.url));

/** Runs the compiled program (`npm run build`) as a user does, and waits for it to end. */
export function runProgram(commandLine: readonly string[], options: ProgramOptions = {}): Promise<ProgramRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [options.launcher ?? launcher, ...commandLine], {
      cwd: options.cwd,
      env: { ...process.env, NO_COLOR: '1', ...options.environment },
    });
    if (options.started === undefined) {
      child.stdin.end(options.input);
    } else {
      options.started(child);
    }
    let stdout = '';
    let stderr = '';
    let acted = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (options.when !== undefined && !acted && stderr.includes(options.when.stderrContains)) {
        acted = true;
        options.when.act(child);
      }
    });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status: status ?? signal, stdout, stderr }));
  });
}
