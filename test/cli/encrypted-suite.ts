import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addonPath } from '../../src/engine/addon-path.js';
import { loadImage } from '../../src/image/load.js';
import { normalise } from '../../src/image/normalise.js';
import { forward } from '../../src/network/forward.js';
import { inputOf, scoresOf } from '../../src/network/graph.js';
import { loadNetwork, weightsPath } from '../../src/network/weights/load.js';
import { runProgram } from './program.js';

/** The names of the pictures in a setting. */
export const pictureNames = ['cat', 'dog', 'frog', 'ship', 'truck'] as const;
export type PictureName = (typeof pictureNames)[number];

/** What the command line encrypts with, and how large things may get there, in bytes. */
export interface EncryptedSetting {
  readonly profile: string;
  /** What a run says of its protection. */
  readonly protection: string;
  readonly ringDimension: number;
  /** By name: files that `prepare` wrote, or that are there. */
  readonly picture: (name: PictureName) => string;
  /** What `prepare` wrote; undefined: the weights that come with the program. */
  readonly weights: () => string | undefined;
  /** Writes what the setting needs into a folder of the suite. */
  readonly prepare: (folder: string) => Promise<void>;
  /** Of scores under encryption; below the distances between the scores of two classes. */
  readonly largestError: number;
  readonly largest: {
    readonly keys: number;
    readonly memory: number;
    readonly request: number;
    readonly publicRequest: number;
    readonly answer: number;
  };
}

interface EncryptedImage {
  readonly index: number;
  readonly scores: readonly number[];
  readonly plainScores: readonly number[];
  readonly maxError: number;
}

/** Everything that the command line does with keys, as a user does it, but for being interrupted in long computations. */
export function encryptedSuite(setting: EncryptedSetting): void {
  const { profile, protection, picture, largest } = setting;
  let folder: string;
  let keys: string;
  let weights: readonly string[];

  const environment = () => ({ RESNET20_FHE_KEYS: folder, RESNET20_FHE_TEST_PROFILES: '1' });
  const run = (commandLine: readonly string[]) => runProgram(commandLine, { environment: environment() });
  const encrypt = (...options: readonly string[]) => run(['encrypt', ...weights, ...options]);
  const infer = (...options: readonly string[]) => run(['infer', ...weights, ...options]);

  describe.skipIf(!existsSync(addonPath('ckks')))(`${profile}, encrypted`, { timeout: 600_000 }, () => {
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-test-'));
      await setting.prepare(folder);
      const file = setting.weights();
      weights = file === undefined ? [] : ['--weights', file];
      keys = join(folder, profile);
      const { status, stdout, stderr } = await run(['generate-keys', profile, ...weights, '--json']);
      expect(status, stderr).toBe(0);
      expect(stderr).toContain(protection);
      const made = JSON.parse(stdout);
      expect(made).toMatchObject({ folder: keys, profile, engine: 'ckks' });
      expect(made.keyBytes).toBeLessThanOrEqual(largest.keys);
    });
    afterAll(() => rm(folder, { recursive: true }));

    async function plainClass(name: PictureName): Promise<string> {
      const { graph } = await loadNetwork(setting.weights() ?? weightsPath('square-resnet20'));
      const input = inputOf(graph);
      const scores = forward(graph, normalise(await loadImage(picture(name), { shape: input.shape }), input));
      return scoresOf(graph).classes[indexOfLargest([...scores])]!;
    }

    test('the secret half is readable by its owner only', async () => {
      expect((await stat(join(keys, 'secret'))).mode & 0o777).toBe(0o700);
      for (const name of await readdir(join(keys, 'secret'))) {
        expect((await stat(join(keys, 'secret', name))).mode & 0o777).toBe(0o600);
      }
    });

    test("infer gives the plain network's class, and says what protects it", async () => {
      const { status, stdout, stderr } = await infer('--input', picture('cat'), '--compare', '--json');
      expect(status, stderr).toBe(0);
      expect(stderr).toContain(protection);
      const result = JSON.parse(stdout);
      const security = { ringDimension: setting.ringDimension, secret: 'uniform-ternary' };
      expect(result).toMatchObject({ profile, engine: 'ckks', encrypted: true, security });
      expect(result.images).toHaveLength(1);
      expectRight(result.images);
      expect(result.peakRssBytes).toBeLessThanOrEqual(largest.memory);
    });

    test('three pictures share a ciphertext within a budget of 800 MB', async () => {
      const names = ['ship', 'dog', 'frog'] as const;
      const inputs = ['--input', ...names.map(picture)];
      const { status, stdout, stderr } = await infer('--memory-budget', '800MB', '--compare', '--json', ...inputs);
      expect(status, stderr).toBe(0);
      const { images } = JSON.parse(stdout);
      expect(images).toHaveLength(3);
      expectRight(images);
    });

    function expectRight(images: readonly EncryptedImage[]): void {
      for (const image of images) {
        expect(image.index).toBe(indexOfLargest(image.plainScores));
        expect(image.maxError).toBeLessThan(setting.largestError);
        expect(image.maxError).toBeGreaterThan(0);
      }
    }

    test.each([
      [['infer', '--input', 'nowhere.png'], 'nowhere.png: no such file'],
      [['infer', '--memory-budget', '1MB', '--input', 'CAT'], '--memory-budget allows 1.0 MB'],
      [['accuracy', '--data', '.', '--memory-budget', '1MB'], '--memory-budget allows 1.0 MB'],
      [['accuracy', '--data', '/nowhere'], '/nowhere'],
      [['evaluate', '--input', 'nowhere.fhe', '--out', 'never.fhe'], 'nowhere.fhe: no such file'],
      [['decrypt', '--input', 'CAT'], 'not a ciphertext file of resnet20-fhe'],
    ])('%j fails before keys are read', async (words, message) => {
      const commandLine = words.map((word) => (word === 'CAT' ? picture('cat') : word));
      const { status, stderr } = await run([...commandLine, ...weights]);
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

      const encrypted = await encrypt('--input', picture('truck'), '--out', request);
      expect(encrypted.status, encrypted.stderr).toBe(0);
      expect(encrypted.stdout).toMatch(/: 1 encrypted picture, .*B, under the secret key\n$/);
      await cp(secret, hidden, { recursive: true });
      await rm(secret, { recursive: true });
      const evaluated = await run(['evaluate', ...weights, '--keys', server, '--input', request, '--out', answer]);
      await cp(hidden, secret, { recursive: true });
      expect(evaluated.status, evaluated.stderr).toBe(0);
      const { stdout } = await run(['decrypt', ...weights, '--input', answer]);
      expect(stdout.split('\n')[0]).toBe(`image 1: ${await plainClass('truck')}`);
      expect((await stat(request)).size).toBeLessThanOrEqual(largest.request);
      expect((await stat(answer)).size).toBeLessThanOrEqual(largest.answer);
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
      const files = ['--input', picture('cat'), '--out', out];
      for (const options of cases) {
        const { status, stdout, stderr } = await encrypt(...options, ...files);
        expect(status, stderr).toBe(0);
        expect(stdout).toMatch(
          /: 1 encrypted picture, .*B, under the public key\nfingerprint of the public key [0-9a-f]{64}\n$/,
        );
        expect((await stat(out)).size).toBeLessThanOrEqual(largest.publicRequest);
      }
      await rm(others, { recursive: true });
      const { status, stderr } = await encrypt('--keys', join(keys, 'evaluation'), ...files);
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
      const { status, stderr } = await infer('--keys', damaged, '--input', picture('cat'));
      expect(status).toBe(1);
      expect(stderr).toContain(`error: ${path}: SHA-256 must be`);
      expect(stderr).not.toContain('circuit:');
    });

    // Decryption takes milliseconds, but its input comes when the test wants it: after the interrupt.
    test.skipIf(!existsSync('/proc/self/status'))('Ctrl-C ends decrypt, which prints no scores', async () => {
      const request = join(folder, 'to-answer.fhe');
      const answer = join(folder, 'to-decrypt.fhe');
      expect((await encrypt('--input', picture('cat'), '--out', request)).status).toBe(0);
      expect((await run(['evaluate', ...weights, '--input', request, '--out', answer])).status).toBe(0);
      const { status, stdout, stderr } = await runProgram(['decrypt', ...weights, '--input', '-'], {
        environment: environment(),
        started: async (child) => {
          await untilSignalsAreHandled(child.pid!);
          child.kill('SIGINT');
          child.stdin.end(await readFile(answer));
        },
      });
      expect(status, stderr).toBe(130);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/error: .*(interrupted|cancelled)\n$/);
    });

    test('two programs use one key set at the same time', async () => {
      const commandLine = ['--quiet', '--input', picture('dog')];
      const expected = `${picture('dog')}: ${await plainClass('dog')}`;
      for (const { status, stdout, stderr } of await Promise.all([infer(...commandLine), infer(...commandLine)])) {
        expect(status, stderr).toBe(0);
        expect(stdout.split('\n')[0]).toBe(expected);
      }
    });
  });
}

/** Until a program handles Ctrl-C itself. Node alone handles it too, but not SIGHUP, the first bit, as the program does. */
async function untilSignalsAreHandled(pid: number): Promise<void> {
  let caught = 0n;
  while ((caught & 1n) === 0n) {
    await setTimeout(10);
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    caught = BigInt(`0x${/^SigCgt:\t([0-9a-f]+)$/m.exec(status)?.[1]}`);
  }
}

function indexOfLargest(scores: readonly number[]): number {
  return scores.indexOf(Math.max(...scores));
}
