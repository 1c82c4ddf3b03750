import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addonPath } from '../../src/engine/addon-path.js';
import { writeGreyPicture, writeNarrowWeights } from '../support/narrow-weights.js';
import { writeResNet8, writeSmallPicture } from '../support/resnet8-weights.js';
import { type ProgramRun, runProgram } from './program.js';

let folder: string;
let weights: string;
/** Four share a ciphertext. */
let overflowing: string[];
let grey: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-test-'));
  weights = await writeNarrowWeights(folder, await writeResNet8(folder));
  overflowing = await Promise.all([1, 2, 3, 4].map((seed) => writeSmallPicture(folder, `picture${seed}`, seed)));
  grey = await writeGreyPicture(folder, 8);
});
afterAll(() => rm(folder, { recursive: true }));

const run = (...commandLine: readonly string[]): Promise<ProgramRun> =>
  runProgram(commandLine, { environment: { RESNET20_FHE_KEYS: folder, RESNET20_FHE_TEST_PROFILES: '1' } });
const simulator = () => ['--engine', 'simulator', '--profile', 'params_test', '--weights', weights];

/** Of five pictures, the four that share a ciphertext are refused, the last has a class. */
function expectRefusals({ status, stdout, stderr }: ProgramRun, inputs: readonly string[]): void {
  expect(status).toBe(1);
  const { images } = JSON.parse(stdout);
  expect(images).toHaveLength(5);
  for (const [index, input] of inputs.slice(0, 4).entries()) {
    const message = expect.stringMatching(/left their range.*one picture at a time$/);
    expect(images[index]).toEqual({ input, error: { code: 'ERR_RANGE', message } });
    expect(images[index].error.message).toContain(input);
  }
  expect(images[4]).toMatchObject({ input: inputs[4], class: expect.stringMatching(/^class\d$/) });
  const errors = stderr.trim().split('\n');
  expect(errors.filter((line) => JSON.parse(line).code === 'ERR_RANGE')).toHaveLength(4);
}

test('infer refuses the pictures of a ciphertext that overflowed, prints the others, and fails', async () => {
  const inputs = [...overflowing, grey];
  expectRefusals(await run('infer', ...simulator(), '--json', '--compare', '--input', ...inputs), inputs);
  const text = await run('infer', ...simulator(), '--quiet', '--input', ...inputs);
  expect(text.status).toBe(1);
  expect(text.stdout).toMatch(/^\S*grey\.png: \w+\n( {2}\w+ +-?\d+\.\d+\n){10}\ncircuit/);
  expect(text.stderr.match(/^error: \S+\.png: the network's numbers left their range/gm)).toHaveLength(4);
});

test.skipIf(!existsSync(addonPath('ckks')))('infer and decrypt do the same under encryption', async () => {
  const inputs = [...overflowing, grey];
  const own = ['--weights', weights];
  expect((await run('generate-keys', 'params_test', ...own)).status).toBe(0);
  expectRefusals(await run('infer', ...own, '--json', '--input', ...inputs), inputs);
  const request = join(folder, 'request.fhe');
  const answer = join(folder, 'answer.fhe');
  expect((await run('encrypt', ...own, '--input', ...inputs, '--out', request)).status).toBe(0);
  expect((await run('evaluate', ...own, '--input', request, '--out', answer)).status).toBe(0);
  const numbered = [1, 2, 3, 4, 5].map((number) => `image ${number}`);
  expectRefusals(await run('decrypt', ...own, '--json', '--input', answer), numbered);
});

test('accuracy counts refused pictures as wrong, in one thread and in several', async () => {
  const data = join(folder, 'data');
  for (let label = 0; label < 10; label++) {
    await mkdir(join(data, `class${label}`), { recursive: true });
    await copyFile(overflowing[0]!, join(data, `class${label}`, 'picture.png'));
  }
  const command = ['accuracy', ...simulator(), '--data', data, '--limit', '2'];
  for (const threads of ['1', '2']) {
    const { status, stdout, stderr } = await run(...command, '--threads', threads, '--json');
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ images: 2, refused: 2, accuracy: 0, agreement: 0, meanError: null });
  }
  expect((await run(...command)).stdout).toMatch(/^refused +2 whose answer would be noise/m);
});
