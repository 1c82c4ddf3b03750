import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeResNet8, writeSmallPicture } from '../support/resnet8-weights.js';
import { runProgram } from './program.js';

const picture = (name: string): string => fileURLToPath(new URL(`../../inputs/${name}.png`, import.meta.url));
const simulator = ['infer', '--engine', 'simulator'];
const classes = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');

let folder: string;
/** The command line that classifies with a small network on a small ring. */
let small: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-test-'));
  small = [...simulator, '--profile', 'params_test', '--weights', await writeResNet8(folder)];
});
afterAll(() => rm(folder, { recursive: true }));

test('the simulator says that it encrypts nothing, and prints the class and ten scores in order', async () => {
  const { status, stdout, stderr } = await runProgram(simulator);
  expect(status).toBe(0);
  expect(stderr).toMatch(/^not encrypted$/m);
  const scores = [...stdout.matchAll(/^ {2}(\w+) +(-?\d+\.\d+)$/gm)];
  expect(scores.map((match) => match[1])).toEqual(classes);
  const largest = scores.toSorted((left, right) => Number(right[2]) - Number(left[2]))[0]?.[1];
  expect(stdout.split('\n')[0]).toMatch(new RegExp(`default\\.png: ${largest}$`));
});

test('--json prints one object; the circuit agrees with the plain network', async () => {
  const { status, stdout, stderr } = await runProgram([
    ...simulator,
    '--compare',
    '--json',
    '--input',
    picture('ship'),
  ]);
  expect(status).toBe(0);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ profile: 'params_fast', engine: 'simulator', encrypted: false, security: null });
  expect(result.classes).toEqual(classes);
  expect(Object.keys(result.seconds).sort()).toEqual(['circuit', 'decrypt', 'encrypt', 'load', 'total']);
  expect(result.seconds.total).toBeGreaterThanOrEqual(result.seconds.load + result.seconds.circuit);
  expect(result.peakRssBytes).toBeGreaterThan(1e7);
  expect(result.keyBytes).toBe(0);

  const [image] = result.images;
  expect(result.images).toHaveLength(1);
  expect(image.input).toBe(picture('ship'));
  expect(image.class).toBe(classes[image.index]);
  expect(image.scores).toHaveLength(10);
  for (const [index, score] of image.scores.entries()) {
    expect(Math.abs(score - image.plainScores[index])).toBeLessThan(1e-6);
  }
  expect(image.maxError).toBeLessThan(1e-6);

  const events = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'protection', encrypted: false, text: 'not encrypted' }),
  );
  const progress = events.filter((event) => event.event === 'progress' && event.phase === 'circuit');
  expect(progress.at(-1).done).toBe(progress.at(-1).total);
});

test('several pictures get the scores that each gets alone', async () => {
  const inputs = await Promise.all([1, 2, 3].map((seed) => writeSmallPicture(folder, `picture${seed}`, seed)));
  const together = await runProgram([...small, '--json', '--input', ...inputs]);
  const { images } = JSON.parse(together.stdout);
  expect(images.map((image: { input: string }) => image.input)).toEqual(inputs);
  for (const [index, input] of inputs.entries()) {
    const alone = JSON.parse((await runProgram([...small, '--json', '--input', input])).stdout);
    for (const [position, score] of alone.images[0].scores.entries()) {
      expect(Math.abs(score - images[index].scores[position])).toBeLessThan(1e-6);
    }
  }
});

test('--trace writes time, prediction and memory of each step', async () => {
  const path = join(folder, 'trace.json');
  expect((await runProgram([...simulator, '--trace', path])).status).toBe(0);
  const trace = JSON.parse(await readFile(path, 'utf8'));
  expect(trace).toMatchObject({ profile: 'params_fast', images: 1, rates: { machine: '2 cores, AVX-512 IFMA' } });
  expect(trace.steps[0]).toMatchObject({ stage: 'stem', name: 'stem', kind: 'linear' });
  expect(trace.steps.at(-1)).toMatchObject({ stage: 'linear', name: 'linear', kind: 'linear' });
  for (const step of trace.steps) {
    expect(step.seconds).toBeGreaterThanOrEqual(0);
    expect(step.predictedSeconds).toBeGreaterThan(0);
    expect(step.rssBytes).toBeGreaterThan(1e7);
  }
});

test('--quiet prints the result only', async () => {
  const { stdout, stderr } = await runProgram([...small, '--quiet', '--resize']);
  expect(stdout).toContain('default.png: ');
  expect(stderr).toBe('');
});

test('off a terminal, progress is a line per stage', async () => {
  const { stderr } = await runProgram([...small, '--resize']);
  const lines = stderr.split('\n').filter((line) => line.startsWith('circuit: '));
  expect(lines[0]).toBe('circuit: stem');
  expect(lines.some((line) => /^circuit: stage2\.block1, \d.* left$/.test(line))).toBe(true);
  expect(lines).toHaveLength(5);
  expect(stderr).not.toContain('\r');
});

test('without keys infer says how to make them', async () => {
  const { status, stderr } = await runProgram(['infer'], { environment: { RESNET20_FHE_KEYS: folder } });
  expect(status).toBe(1);
  expect(stderr).toContain('run resnet20-fhe generate-keys params_fast');
});
