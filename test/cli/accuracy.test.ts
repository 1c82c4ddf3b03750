import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram } from './program.js';

const classes = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');
const inputs = fileURLToPath(new URL('../../inputs', import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** One folder per class with one picture each; `shift` moves the pictures to the folder of another class. */
async function dataSet(name: string, shift: number): Promise<string> {
  const root = join(folder, name);
  for (const [index, label] of classes.entries()) {
    await mkdir(join(root, label), { recursive: true });
    const shown = classes[(index + shift) % classes.length];
    await copyFile(join(inputs, `${shown}.png`), join(root, label, 'picture.png'));
  }
  return root;
}

test('the circuit agrees with the plain network on every picture, with and without predicted noise', async () => {
  const data = await dataSet('right', 0);
  await writeFile(join(data, 'cat', '._picture.png'), Buffer.from([0, 5, 0x16, 7]));
  for (const noise of [[], ['--no-noise']]) {
    const commandLine = ['accuracy', '--data', data, '--engine', 'simulator', '--json', ...noise];
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
    });
    expect(result.agreement).toBe(1);
    expect(result.accuracy).toBe(result.plainAccuracy);
    expect(result.accuracy).toBeGreaterThanOrEqual(0.8);
    expect(result.maxError).toBeLessThan(noise.length === 0 ? 0.2 : 1e-6);
    expect(result.maxError > 1e-6).toBe(noise.length === 0);
  }
});

test('--precision states the noise: fewer bits, larger errors', async () => {
  const data = await dataSet('precision', 0);
  const errorAt = async (bits: string): Promise<number> => {
    const commandLine = ['accuracy', '--data', data, '--engine', 'simulator', '--json', '--limit', '4', '--precision'];
    return JSON.parse((await runProgram([...commandLine, bits])).stdout).meanError;
  };
  const [coarse, fine] = await Promise.all([errorAt('9'), errorAt('14')]);
  expect(coarse! / fine!).toBeGreaterThan(16);
  expect(coarse! / fine!).toBeLessThan(64);
});

test.each([
  [['--precision', '9'], /--precision.*--engine simulator/],
  [['--precision', '9', '--engine', 'simulator', '--no-noise'], /--precision and --no-noise/],
])('%j is wrong usage', async (options, message) => {
  const { status, stderr } = await runProgram(['accuracy', '--data', folder, ...options]);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});

test('accuracy counts labels: pictures in the folder of another class are wrong', async () => {
  const data = await dataSet('shifted', 1);
  const { stdout } = await runProgram(['accuracy', '--data', data, '--engine', 'simulator', '--json']);
  const result = JSON.parse(stdout);
  expect(result.accuracy).toBeLessThanOrEqual(0.2);
  expect(result.agreement).toBe(1);
});

test('--limit takes so many pictures, and one thread counts like two', async () => {
  const data = await dataSet('limited', 0);
  const commandLine = ['accuracy', '--data', data, '--engine', 'simulator', '--json', '--limit', '3', '--threads'];
  const [one, two] = await Promise.all(['1', '2'].map((threads) => runProgram([...commandLine, threads])));
  expect(JSON.parse(one!.stdout).images).toBe(3);
  expect(JSON.parse(two!.stdout)).toMatchObject({ images: 3, accuracy: JSON.parse(one!.stdout).accuracy });
});

test('reads a CIFAR-10 batch', async () => {
  const data = join(folder, 'batches');
  await mkdir(data);
  await writeFile(join(data, 'test_batch.bin'), Buffer.alloc(2 * 3073, 3));
  const commandLine = ['accuracy', '--data', data, '--engine', 'simulator', '--json', '--threads', '1'];
  expect(JSON.parse((await runProgram(commandLine)).stdout).images).toBe(2);
});

test('a folder that is no data set is named', async () => {
  const { status, stderr } = await runProgram(['accuracy', '--data', join(folder, 'none'), '--engine', 'simulator']);
  expect(status).toBe(1);
  expect(stderr).toContain(join(folder, 'none'));
});
