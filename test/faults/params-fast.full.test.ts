import { cp, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { committedPlan } from '../../src/planning/plan.js';
import { type ProgramOptions, runProgram } from '../cli/program.js';
import { runScript } from './limited-program.js';

const picture = fileURLToPath(new URL('../../inputs/cat.png', import.meta.url));
const stages = committedPlan('params_fast')!.stages.map((stage) => stage.name);

/** Beside the data itself, Node reserves addresses that it never uses. */
const NODE_ADDRESSES = 4e9;

interface Answer {
  readonly index: number;
  readonly scores: readonly number[];
  readonly plainScores: readonly number[];
}

describe('params_fast under faults', () => {
  let folder: string;
  let keys: string;
  let request: string;

  const environment = () => ({ RESNET20_FHE_KEYS: folder });
  const run = (commandLine: readonly string[], when?: ProgramOptions['when']) =>
    runProgram(commandLine, { environment: environment(), ...(when === undefined ? {} : { when }) });
  const limited = (limit: string, commandLine: readonly string[]) =>
    runScript(`${limit} && exec "$@"`, commandLine, environment());

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-faults-'));
    keys = join(folder, 'params_fast');
    request = join(folder, 'request.fhe');
    const made = await run(['generate-keys', 'params_fast']);
    expect(made.status, made.stderr).toBe(0);
    expect((await run(['encrypt', '--input', picture, '--out', request])).status).toBe(0);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  function expectRightClass(stdout: string): void {
    const [image] = JSON.parse(stdout).images as Answer[];
    expect(image!.index).toBe(image!.plainScores.indexOf(Math.max(...image!.plainScores)));
    const errors = image!.scores.map((score, index) => Math.abs(score - image!.plainScores[index]!));
    expect(Math.max(...errors)).toBeLessThan(1);
  }

  const compareCat = ['infer', '--compare', '--json', '--input', picture];

  test.each(stages)('killed in stage %s, evaluate leaves nothing, and the next run works', async (stage) => {
    const answer = join(folder, 'answer.fhe');
    const before = await readdir(folder);
    const killed = await run(['evaluate', '--input', request, '--out', answer], {
      stderrContains: `circuit: ${stage}`,
      act: (child) => child.kill('SIGKILL'),
    });
    expect(killed.status).toBe('SIGKILL');
    expect(await readdir(folder)).toEqual(before);
  });

  test('after all that, the keys still give the right answer', async () => {
    const { status, stdout, stderr } = await run(compareCat);
    expect(status, stderr).toBe(0);
    expectRightClass(stdout);
  });

  test('a picture encrypted with the public key alone gets the same class, its scores hardly less exact', async () => {
    const apart = join(folder, 'public-alone');
    await cp(join(keys, 'public'), apart, { recursive: true });
    const files = { public: join(folder, 'public.fhe'), answer: join(folder, 'public-answer.fhe') };
    const encrypted = await run(['encrypt', '--keys', apart, '--input', picture, '--out', files.public, '--json']);
    expect(encrypted.status, encrypted.stderr).toBe(0);
    expect(JSON.parse(encrypted.stdout)).toMatchObject({ key: 'public', images: 1 });
    expect(encrypted.stderr).toContain('encrypted, params_fast, about 128 bits classical, about 85 post-quantum');
    await rm(apart, { recursive: true });
    const evaluated = await run(['evaluate', '--input', files.public, '--out', files.answer]);
    expect(evaluated.status, evaluated.stderr).toBe(0);
    const [image] = JSON.parse((await run(['decrypt', '--input', files.answer, '--json'])).stdout).images as Answer[];
    const [own] = JSON.parse((await run(compareCat)).stdout).images as Answer[];
    expect(image!.index).toBe(own!.index);
    for (const [index, score] of image!.scores.entries()) {
      expect(Math.abs(score - own!.scores[index]!)).toBeLessThan(0.25);
    }
    const [publicBytes, secretBytes] = await Promise.all(
      [files.public, request].map(async (file) => (await stat(file)).size),
    );
    expect(publicBytes! / secretBytes!).toBeCloseTo(2, 2);
    await rm(files.public);
    await rm(files.answer);
  });

  test('killed while keys are made, generate-keys leaves no key set, and the next run cleans up', async () => {
    const place = join(folder, 'killed');
    const killed = await run(['generate-keys', '--out', place], {
      stderrContains: 'rotation',
      act: (child) => child.kill('SIGKILL'),
    });
    expect(killed.status).toBe('SIGKILL');
    const leftovers = (await readdir(folder)).filter((name) => name.includes('killed'));
    expect(leftovers).toHaveLength(1);
    expect(leftovers[0]).toMatch(/^\.killed\..*\.partial$/);
    const again = await run(['generate-keys', '--out', place]);
    expect(again.status, again.stderr).toBe(0);
    expect((await readdir(folder)).filter((name) => name.includes('killed'))).toEqual(['killed']);
    await rm(place, { recursive: true });
    // generate-keys made that set the current one.
    expect((await run(['load-keys', keys])).status).toBe(0);
  });

  describe('key files', () => {
    const cases: readonly [string, (evaluation: string, name: string) => Promise<void>][] = [
      ['altered by one bit', (evaluation, name) => flipMiddleBit(join(evaluation, name))],
      [
        'cut short',
        async (evaluation, name) =>
          truncate(join(evaluation, name), (await readFile(join(evaluation, name))).length - 1),
      ],
      ['swapped with another', (evaluation, name) => swap(join(evaluation, name), join(evaluation, 'ring-switch.key'))],
    ];
    test.each(cases)('%s, each in turn', async (_, damage) => {
      const names = (await readdir(join(keys, 'evaluation'))).filter((name) => name.endsWith('.key'));
      const damagedNames = names.filter((name) => name !== 'ring-switch.key');
      const copy = join(folder, 'damaged');
      await cp(keys, copy, { recursive: true });
      for (const name of damagedNames.slice(0, 3)) {
        await damage(join(copy, 'evaluation'), name);
        const { status, stderr } = await run(['evaluate', '--keys', copy, '--input', request, '--out', `${copy}.out`]);
        expect(status).toBe(1);
        expect(stderr).toMatch(/error: .*\.key/);
        expect(stderr).not.toContain('circuit:');
        await rm(copy, { recursive: true });
        await cp(keys, copy, { recursive: true });
      }
      await rm(copy, { recursive: true });
    });

    test('of another key set: neither its keys nor its ciphertexts are taken', async () => {
      const other = join(folder, 'other');
      expect((await run(['generate-keys', '--out', other])).status).toBe(0);
      const evaluated = await run(['evaluate', '--keys', other, '--input', request, '--out', join(folder, 'never')]);
      expect(evaluated.status).toBe(1);
      expect(evaluated.stderr).toMatch(/error: .*request\.fhe/);
      await cp(join(keys, 'evaluation', 'relinearization.key'), join(other, 'evaluation', 'relinearization.key'));
      const inferred = await run(['infer', '--keys', other]);
      expect(inferred.status).toBe(1);
      expect(inferred.stderr).toContain('relinearization.key');
      await rm(other, { recursive: true });
      expect((await run(['load-keys', keys])).status).toBe(0);
    });
  });

  test('a request altered by one bit', async () => {
    const altered = join(folder, 'altered.fhe');
    await cp(request, altered);
    await flipMiddleBit(altered);
    const { status, stderr } = await run(['evaluate', '--input', altered, '--out', join(folder, 'never')]);
    expect(status).toBe(1);
    expect(stderr).toContain(`error: ${altered}: `);
    await rm(altered);
  });

  test('two programs on one key set at the same time', async () => {
    for (const { status, stdout, stderr } of await Promise.all([run(compareCat), run(compareCat)])) {
      expect(status, stderr).toBe(0);
      expectRightClass(stdout);
    }
  });

  describe('memory', () => {
    test('a budget of 800 MB is kept, one of 50 MB refused before anything is computed', async () => {
      const kept = await run([...compareCat, '--memory-budget', '800MB']);
      expect(kept.status, kept.stderr).toBe(0);
      expectRightClass(kept.stdout);
      expect(JSON.parse(kept.stdout).peakRssBytes).toBeLessThanOrEqual(800e6);
      const refused = await run([...compareCat, '--memory-budget', '50MB']);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(/"ERR_MEMORY_BUDGET","message":"params_fast needs about .*B of memory/);
      expect(refused.stderr).not.toContain('"phase":"circuit"');
    });

    test.each([
      ['data', 'ulimit -d 2000000'],
      ['addresses', `ulimit -v ${Math.round((2e9 + NODE_ADDRESSES) / 1024)}`],
    ])('the system allows 2 GB of %s', async (_, limit) => {
      const { status, stdout, stderr } = await limited(limit, compareCat);
      expect(status, stderr).toBe(0);
      expectRightClass(stdout);
    });

    test('the system allows less than a run takes: an error, not a wrong answer', async () => {
      for (const kilobytes of [700_000, 500_000]) {
        const { status, stdout, stderr } = await limited(`ulimit -d ${kilobytes}`, compareCat);
        if (status === 0) {
          expectRightClass(stdout);
        } else {
          expect(stdout).toBe('');
          expect(stderr).toMatch(/ERR_MEMORY_BUDGET|out of memory/i);
        }
      }
    });
  });
});

async function flipMiddleBit(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
}

async function swap(left: string, right: string): Promise<void> {
  await rename(left, `${left}.swapped`);
  await rename(right, left);
  await rename(`${left}.swapped`, right);
}
