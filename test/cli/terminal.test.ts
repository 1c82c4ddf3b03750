import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launcher, runProgram } from './program.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  {
    commandLine: ['infer', '--json', '--threads', '0'],
    message: /^option '--threads <count>' argument '0' is invalid/,
  },
  { commandLine: ['--json', 'frobnicate'], message: /^unknown command 'frobnicate'/ },
  { commandLine: ['encrypt', '--json'], message: /^required option '--input/ },
  { commandLine: ['--json'], message: /^a command is missing; see resnet20-fhe --help$/ },
])('wrong usage under --json is an error with a code: $commandLine', async ({ commandLine, message }) => {
  const { status, stdout, stderr } = await runProgram(commandLine);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(JSON.parse(stderr)).toEqual({ event: 'error', code: 'ERR_USAGE', message: expect.stringMatching(message) });
});

test('--json after -- is no option', async () => {
  const { status, stderr } = await runProgram(['params', '--', '--json', 'more']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error: too many arguments/);
});

test('names and what files say do not act on the terminal', async () => {
  const title = '\u001b]0;title\u0007';
  const named = await runProgram(['infer', '--engine', 'simulator', '--input', join(folder, `${title}.png`)]);
  expect(named.stderr).toContain('\\u{1b}]0;title\\u{7}.png: no such file');
  const picture = join(folder, `${title}picture.png`);
  await writeFile(picture, 'no picture');
  const verbose = await runProgram(['infer', '--engine', 'simulator', '--verbose', '--input', picture]);
  expect(verbose.stderr).toContain('\\u{1b}]0;title');
  expect(named.stderr + verbose.stderr).not.toContain('\u001b');
});

test('a reader of stderr that leaves early does not end the work', async () => {
  const status = await new Promise((resolve) => {
    const child = spawn(process.execPath, [launcher, 'infer', '--engine', 'simulator'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.destroy();
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.on('close', (code) => resolve([code, stdout.split('\n').length > 10]));
  });
  expect(status).toEqual([0, true]);
});
