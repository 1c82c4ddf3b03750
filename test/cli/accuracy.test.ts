import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeResNet8, writeSmallPicture } from '../support/resnet8-weights.js';
import { runInProcess } from './in-process.js';
import { runProgram } from './program.js';

const classes = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');
const inputs = fileURLToPath(new URL('../../inputs', import.meta.url));

let folder: string;
/** Counts with a small network on a small ring. */
let small: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-test-'));
  const network = ['--profile', 'params_test', '--weights', await writeResNet8(folder)];
  small = ['accuracy', '--engine', 'simulator', '--json', ...network];
});
afterAll(() => rm(folder, { recursive: true }));

/** One folder per class with one picture each: those of its ten classes for the network that knows them. */
async function dataSet(name: string): Promise<string> {
  const root = join(folder, name);
  for (const label of classes) {
    await mkdir(join(root, label), { recursive: true });
    await copyFile(join(inputs, `${label}.png`), join(root, label, 'picture.png'));
  }
  return root;
}

/** The same for the small network; `seedOf` says which random picture lies in the folder of a class. */
async function smallDataSet(name: string, seedOf: (label: number) => number): Promise<string> {
  const root = join(folder, name);
  for (const label of classes.keys()) {
    await mkdir(join(root, `class${label}`), { recursive: true });
    await writeSmallPicture(join(root, `class${label}`), 'picture', seedOf(label));
  }
  return root;
}

test('the circuit agrees with the plain network on every picture, under predicted noise', async () => {
  const data = await dataSet('right');
  await writeFile(join(data, 'cat', '._picture.png'), Buffer.from([0, 5, 0x16, 7]));
  const commandLine = ['accuracy', '--data', data, '--engine', 'simulator', '--json'];
  const { status, stdout, stderr } = await runProgram(commandLine);
  expect(status).toBe(0);
  expect(stderr).toContain('._picture.png: another file');
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({
    profile: 'params_fast',
    engine: 'simulator',
    encrypted: false,
    images: 10,
    skipped: 1,
    agreement: 1,
  });
  expect(result.accuracy).toBe(result.plainAccuracy);
  expect(result.accuracy).toBeGreaterThanOrEqual(0.8);
  expect(result.maxError).toBeLessThan(0.2);
  expect(result.maxError).toBeGreaterThan(1e-6);
});

test('without noise the scores are those of the plain network', async () => {
  const data = await smallDataSet('exact', (label) => label);
  const { maxError, agreement } = JSON.parse((await runProgram([...small, '--data', data, '--no-noise'])).stdout);
  expect(agreement).toBe(1);
  expect(maxError).toBeLessThan(1e-6);
});

test('--precision states the noise: fewer bits, larger errors', async () => {
  const data = await smallDataSet('precision', (label) => label);
  const errorAt = async (bits: string): Promise<number> =>
    JSON.parse((await runProgram([...small, '--data', data, '--precision', bits])).stdout).meanError;
  const [coarse, fine] = await Promise.all([errorAt('9'), errorAt('14')]);
  expect(coarse! / fine!).toBeGreaterThan(16);
  expect(coarse! / fine!).toBeLessThan(64);
});

test.each([
  [['--precision', '9'], /--precision.*--engine simulator/],
  [['--precision', '9', '--engine', 'simulator', '--no-noise'], /--precision and --no-noise/],
])('%j is wrong usage', async (options, message) => {
  const { status, stderr } = await runInProcess(['accuracy', '--data', folder, ...options]);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});

test('accuracy counts labels: one picture in the folder of every class is right once', async () => {
  const data = await smallDataSet('same', () => 1);
  const result = JSON.parse((await runProgram([...small, '--data', data])).stdout);
  expect(result).toMatchObject({ images: 10, accuracy: 0.1, plainAccuracy: 0.1, agreement: 1 });
});

test('--limit takes so many pictures, and one thread counts like two', async () => {
  const data = await smallDataSet('limited', (label) => label);
  const commandLine = [...small, '--data', data, '--limit', '3', '--threads'];
  const [one, two] = await Promise.all(['1', '2'].map((threads) => runProgram([...commandLine, threads])));
  expect(JSON.parse(one!.stdout).images).toBe(3);
  expect(JSON.parse(two!.stdout)).toMatchObject({ images: 3, accuracy: JSON.parse(one!.stdout).accuracy });
});

test('reads a binary batch', async () => {
  const data = join(folder, 'batches');
  await mkdir(data);
  await writeFile(join(data, 'test_batch.bin'), Buffer.alloc(2 * (1 + 3 * 8 * 8), 3));
  expect(JSON.parse((await runProgram([...small, '--data', data, '--threads', '1'])).stdout).images).toBe(2);
});

test('a folder that is no data set is named', async () => {
  const { status, stderr } = await runInProcess(['accuracy', '--data', join(folder, 'none'), '--engine', 'simulator']);
  expect(status).toBe(1);
  expect(stderr).toContain(join(folder, 'none'));
});
