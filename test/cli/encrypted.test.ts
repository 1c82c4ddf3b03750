import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addonPath } from '../../src/engine/addon-path.js';
import { type ProgramOptions, runProgram } from './program.js';

const picture = (name: string): string => fileURLToPath(new URL(`../../inputs/${name}.png`, import.meta.url));

let folder: string;
let keys: string;

function run(commandLine: readonly string[], when?: ProgramOptions['when']) {
  const environment = { RESNET20_FHE_KEYS: folder };
  return runProgram(commandLine, when === undefined ? { environment } : { environment, when });
}

/** Scores differ by several units between the classes; noise must stay well below that. */
const LARGEST_ERROR = 1;

interface EncryptedImage {
  readonly index: number;
  readonly scores: readonly number[];
  readonly plainScores: readonly number[];
  readonly maxError: number;
}

function largest(scores: readonly number[]): number {
  return scores.indexOf(Math.max(...scores));
}

describe.skipIf(!existsSync(addonPath('ckks')))('params_fast, encrypted', { timeout: 180_000 }, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-test-'));
    keys = join(folder, 'params_fast');
    const { status, stdout, stderr } = await run(['generate-keys', 'params_fast', '--json']);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('encrypted, params_fast, about 128 bits classical, about 85 post-quantum');
    expect(JSON.parse(stdout)).toMatchObject({ folder: keys, profile: 'params_fast', engine: 'ckks' });
    expect(JSON.parse(stdout).keyBytes).toBeLessThanOrEqual(0.6e9);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('the secret half is readable by its owner only', async () => {
    expect((await stat(join(keys, 'secret'))).mode & 0o777).toBe(0o700);
    for (const name of await readdir(join(keys, 'secret'))) {
      expect((await stat(join(keys, 'secret', name))).mode & 0o777).toBe(0o600);
    }
  });

  test("infer gives the plain network's class, and says what protects it", async () => {
    const { status, stdout, stderr } = await run(['infer', '--input', picture('cat'), '--compare', '--json']);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('encrypted, params_fast, about 128 bits classical, about 85 post-quantum');
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      profile: 'params_fast',
      engine: 'ckks',
      encrypted: true,
      security: { bits: 128, ringDimension: 65536, secret: 'uniform-ternary' },
    });
    const image: EncryptedImage = result.images[0];
    expect(image.index).toBe(largest(image.plainScores));
    expect(image.maxError).toBeLessThan(LARGEST_ERROR);
    expect(image.maxError).toBeGreaterThan(0);
    expect(result.peakRssBytes).toBeLessThanOrEqual(1.2e9);
  });

  test('three pictures share a ciphertext within a budget of 800 MB', async () => {
    const names = ['ship', 'dog', 'frog'];
    const commandLine = ['infer', '--memory-budget', '800MB', '--compare', '--json', '--input', ...names.map(picture)];
    const { status, stdout, stderr } = await run(commandLine);
    expect(status, stderr).toBe(0);
    for (const image of JSON.parse(stdout).images as EncryptedImage[]) {
      expect(image.index).toBe(largest(image.plainScores));
      expect(image.maxError).toBeLessThan(LARGEST_ERROR);
    }
  });

  test.each([
    [['infer', '--input', 'nowhere.png'], 'nowhere.png: no such file'],
    [['infer', '--memory-budget', '100MB'], '--memory-budget allows 100.0 MB'],
    [['accuracy', '--data', '.', '--memory-budget', '100MB'], '--memory-budget allows 100.0 MB'],
    [['accuracy', '--data', '/nowhere'], '/nowhere'],
    [['evaluate', '--input', 'nowhere.fhe', '--out', 'never.fhe'], 'nowhere.fhe: no such file'],
    [['decrypt', '--input', picture('cat')], 'not a ciphertext file of resnet20-fhe'],
  ])('%j fails before keys are read', async (commandLine, message) => {
    const { status, stderr } = await run(commandLine);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('verifying');
  });

  test('encrypt, evaluate without any secret, decrypt; request and answer are small', async () => {
    const server = join(folder, 'server');
    await cp(join(keys, 'evaluation'), server, { recursive: true });
    const request = join(folder, 'request.fhe');
    const answer = join(folder, 'answer.fhe');
    const secret = join(keys, 'secret');
    const hidden = join(folder, 'hidden');

    const encrypted = await run(['encrypt', '--input', picture('truck'), '--out', request]);
    expect(encrypted.status, encrypted.stderr).toBe(0);
    expect(encrypted.stdout).toMatch(/: 1 encrypted picture, .* MB, under the secret key\n$/);
    await cp(secret, hidden, { recursive: true });
    await rm(secret, { recursive: true });
    const evaluated = await run(['evaluate', '--keys', server, '--input', request, '--out', answer]);
    await cp(hidden, secret, { recursive: true });
    expect(evaluated.status, evaluated.stderr).toBe(0);
    const { stdout } = await run(['decrypt', '--input', answer]);
    expect(stdout).toMatch(/^image 1: truck\n/);
    expect((await stat(request)).size).toBeLessThanOrEqual(9e6);
    expect((await stat(answer)).size).toBeLessThanOrEqual(100e3);
  });

  test('encrypt takes the public key where there is no secret, and where it is told to', async () => {
    const others = join(folder, 'others');
    await cp(join(keys, 'public'), join(others, 'public'), { recursive: true });
    const out = join(folder, 'public.fhe');
    const cases = [
      ['--keys', others],
      ['--keys', join(others, 'public')],
      ['--keys', keys, '--public'],
    ];
    for (const options of cases) {
      const { status, stdout, stderr } = await run(['encrypt', ...options, '--input', picture('cat'), '--out', out]);
      expect(status, stderr).toBe(0);
      expect(stdout).toMatch(/: 1 encrypted picture, .* MB, under the public key\n$/);
      expect((await stat(out)).size).toBeLessThanOrEqual(18e6);
    }
    await rm(others, { recursive: true });
    const { status, stderr } = await run([
      'encrypt',
      '--keys',
      join(keys, 'evaluation'),
      '--input',
      picture('cat'),
      '--out',
      out,
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('expected public keys, found evaluation keys');
  });

  test('an evaluation key altered by one bit is found before it is used', async () => {
    const damaged = join(folder, 'damaged');
    await cp(keys, damaged, { recursive: true });
    const path = join(damaged, 'evaluation', 'relinearization.key');
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
    const { status, stderr } = await run(['infer', '--keys', damaged]);
    expect(status).toBe(1);
    expect(stderr).toContain(`error: ${path}: SHA-256 must be`);
    expect(stderr).not.toContain('circuit:');
  });

  test('Ctrl-C in each command ends it before its work is done, and leaves nothing half-written', async () => {
    const request = join(folder, 'interrupt.fhe');
    expect((await run(['encrypt', '--input', picture('cat'), '--out', request])).status).toBe(0);
    const before = await readdir(folder);
    const manyPictures = Array.from({ length: 60 }, () => picture('cat'));
    const cases = [
      {
        commandLine: ['encrypt', '--input', ...manyPictures, '--out', join(folder, 'many.fhe')],
        text: 'encrypted, params_fast',
      },
      { commandLine: ['generate-keys', '--out', join(folder, 'new')], text: 'rotation' },
      { commandLine: ['load-keys', keys], text: 'verifying' },
      { commandLine: ['infer'], text: 'circuit: stage1.block1' },
      {
        commandLine: ['evaluate', '--input', request, '--out', join(folder, 'answer')],
        text: 'circuit: stage1.block1',
      },
    ];
    for (const { commandLine, text } of cases) {
      const { status, stdout, stderr } = await run(commandLine, {
        stderrContains: text,
        act: (child) => child.kill('SIGINT'),
      });
      expect(status, `${commandLine[0]}: ${stderr}`).toBe(130);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/error: .*(interrupted|cancelled).*\n$/);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(stderr).not.toContain('circuit: linear');
      expect(await readdir(folder)).toEqual(before);
    }
  });

  // Decryption takes milliseconds, but its input, from a pipe, comes when the test wants it: after the interrupt.
  test('Ctrl-C ends decrypt, which says so and prints no scores', async () => {
    const request = join(folder, 'to-answer.fhe');
    const answer = join(folder, 'to-decrypt.fhe');
    const pipe = join(folder, 'answer.pipe');
    expect((await run(['encrypt', '--input', picture('cat'), '--out', request])).status).toBe(0);
    expect((await run(['evaluate', '--input', request, '--out', answer])).status).toBe(0);
    execFileSync('mkfifo', [pipe]);
    const { status, stdout, stderr } = await runProgram(['decrypt', '--input', pipe], {
      environment: { RESNET20_FHE_KEYS: folder },
      started: async (child) => {
        // Opened as soon as the program has opened it too.
        const writer = await open(pipe, 'w');
        child.kill('SIGINT');
        await writer.writeFile(await readFile(answer));
        await writer.close();
      },
    });
    expect(status, stderr).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/error: .*(interrupted|cancelled)\n$/);
  });

  test('two programs use one key set at the same time', async () => {
    const both = await Promise.all([run(['infer', '--quiet']), run(['infer', '--quiet'])]);
    for (const { status, stdout } of both) {
      expect(status).toBe(0);
      expect(stdout).toMatch(/default\.png: \w+\n/);
    }
  });
});
