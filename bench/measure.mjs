import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';

const TIME = '/usr/bin/time';

/**
 * Runs the program as a user would, in a child process, with `--json`. Returns its result, the wall time in seconds
 * and the peak resident memory in bytes: by GNU time where there is one, else as the program reports it itself. By GNU
 * time alone: `otherCores`, how many cores other programs kept busy meanwhile, on average.
 * Throws with the program's own message when it fails.
 */
export async function measure(launcher, commandLine, environment) {
  const program = [process.execPath, launcher, ...commandLine, '--json'];
  const timed = process.platform === 'linux' && existsSync(TIME);
  const [command, ...rest] = timed ? [TIME, '-v', ...program] : program;
  const busyBefore = busySeconds();
  const started = performance.now();
  const { status, stdout, stderr } = await run(command, rest, environment);
  const wallSeconds = (performance.now() - started) / 1000;
  if (status !== 0) {
    throw new Error(`resnet20-fhe ${commandLine.join(' ')} ended with ${status}:\n${withoutTimeReport(stderr)}`);
  }
  const result = JSON.parse(stdout);
  if (!timed) {
    return { result, wallSeconds, peakRssBytes: result.peakRssBytes };
  }
  const reported = (name) => Number(stderr.split(`${name}: `)[1]?.split('\n')[0]);
  const ownSeconds = reported('User time (seconds)') + reported('System time (seconds)');
  const otherCores = Math.max(0, (busySeconds() - busyBefore - ownSeconds) / wallSeconds);
  return { result, wallSeconds, peakRssBytes: reported('Maximum resident set size (kbytes)') * 1024, otherCores };
}

/** Processor time that all programs have used since the system started. */
function busySeconds() {
  return os.cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) / 1000, 0);
}

/** What the program itself wrote: GNU time's report begins with a line about the status, and its lines with a tab. */
function withoutTimeReport(stderr) {
  const lines = stderr.trimEnd().split('\n');
  return lines.filter((line) => !/^(\t|Command (exited|terminated) )/.test(line)).join('\n');
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
