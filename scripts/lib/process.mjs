import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const linesShown = 100;

/**
 * Runs a command in the checkout and resolves to its exit code (1 when it could not start or was killed).
 * `quiet` keeps its output back and shows only the end of it, and only when it fails.
 */
export function run(command, commandArguments, { quiet = false, env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArguments, {
      cwd: root,
      env,
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    });
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(1);
    });
    child.on('close', (code) => {
      if (code !== 0) {
        process.stderr.write(lastLines(Buffer.concat(chunks).toString()));
      }
      resolve(code ?? 1);
    });
  });
}

function lastLines(text) {
  return text.split('\n').slice(-linesShown).join('\n');
}

/** A program of an installed package, e.g. `tsc`. */
export function packageBinary(name) {
  return `${root}node_modules/.bin/${name}`;
}
