import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const TIME = '/usr/bin/time';

/**
 * Runs the program as a user would, in a child process, with `--json`. Returns its result, the wall time in seconds
 * and the peak resident memory in bytes: by GNU time where there is one, else as the program reports it itself.
 * Throws with the program's own message when it fails.
 */
export async function measure(launcher, commandLine, environment) {
  const program = [process.execPath, launcher, ...commandLine, '--json'];
  const timed = process.platform === 'linux' && existsSync(TIME);
  const [command, ...rest] = timed ? [TIME, '-v', ...program] : program;
  const started = performance.now();
  const { status, stdout, stderr } = await run(command, rest, environment);
  const wallSeconds = (performance.now() - started) / 1000;
  if (status !== 0) {
    throw new Error(`resnet20-fhe ${commandLine.join(' ')} ended with ${status}:\n${stderr}`);
  }
  const result = JSON.parse(stdout);
  const peak = /Maximum resident set size \(kbytes\): (\d+)/.exec(stderr);
  return { result, wallSeconds, peakRssBytes: peak === null ? result.peakRssBytes : Number(peak[1]) * 1024 };
}

function run(command, commandLine, environment) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandLine, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status: status ?? signal, stdout, stderr }));
  });
}
