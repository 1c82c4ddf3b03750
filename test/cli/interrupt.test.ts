import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from './program.js';

const picture = fileURLToPath(new URL('../../inputs/cat.png', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the program and sends the signal as soon as stderr contains the text. */
function interrupt(commandLine: readonly string[], stderrContains: string, signal: NodeJS.Signals = 'SIGINT') {
  const environment = { RESNET20_FHE_KEYS: join(folder, 'keys') };
  return runProgram(commandLine, { environment, when: { stderrContains, act: (child) => child.kill(signal) } });
}

const manyPictures = Array.from({ length: 60 }, () => picture);

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends infer before its work is done, with exit code 130',
  async (signal) => {
    const trace = join(folder, 'trace.json');
    const commandLine = ['infer', '--engine', 'simulator', '--trace', trace, '--input', ...manyPictures];
    const run = await interrupt(commandLine, 'stage1.block2', signal);
    expect(run.status).toBe(130);
    expect(run.stdout).toBe('');
    expect(run.stderr).toMatch(/error: interrupted\n$/);
    expect(run.stderr).not.toContain('circuit: linear');
    expect(await readdir(folder)).toEqual([]);
  },
);

test('Ctrl-C ends accuracy, whose work is in other threads', async () => {
  const data = join(folder, 'data');
  const classes = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');
  for (const label of classes) {
    await mkdir(join(data, label), { recursive: true });
    for (let index = 0; index < 20; index++) {
      await copyFile(picture, join(data, label, `${index}.png`));
    }
  }
  const run = await interrupt(['accuracy', '--data', data, '--engine', 'simulator'], 'images: ');
  expect(run.status).toBe(130);
  expect(run.stdout).toBe('');
  expect(run.stderr).toMatch(/error: interrupted\n$/);
});
