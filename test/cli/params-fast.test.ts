import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addonPath } from '../../src/engine/addon-path.js';
import { paramsFast } from './params-fast.js';
import { type ProgramOptions, runProgram } from './program.js';

const { profile, protection, ringDimension, picture, largest, largestError } = paramsFast;

let folder: string;
let keys: string;

function run(commandLine: readonly string[], when?: ProgramOptions['when']) {
  const environment = { RESNET20_FHE_KEYS: folder };
  return runProgram(commandLine, when === undefined ? { environment } : { environment, when });
}

/** The default profile in full size: one classification, and what must be long to be interrupted in time. */
describe.skipIf(!existsSync(addonPath('ckks')))('params_fast in full size', { timeout: 600_000 }, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-test-'));
    const { status, stdout, stderr } = await run(['generate-keys', '--json']);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain(protection);
    keys = join(folder, profile);
    expect(JSON.parse(stdout)).toMatchObject({ folder: keys, profile, engine: 'ckks' });
    expect(JSON.parse(stdout).keyBytes).toBeLessThanOrEqual(largest.keys);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("infer gives the plain network's class within the memory that it may take", async () => {
    const { status, stdout, stderr } = await run(['infer', '--input', picture('cat'), '--compare', '--json']);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain(protection);
    const result = JSON.parse(stdout);
    const security = { bits: 128, ringDimension, secret: 'uniform-ternary' };
    expect(result).toMatchObject({ profile, engine: 'ckks', encrypted: true, security });
    const [{ index, plainScores, maxError }] = result.images;
    expect(index).toBe(plainScores.indexOf(Math.max(...plainScores)));
    expect(maxError).toBeLessThan(largestError);
    expect(maxError).toBeGreaterThan(0);
    expect(result.peakRssBytes).toBeLessThanOrEqual(largest.memory);
  });

  test('Ctrl-C in each command ends it before its work is done, and leaves nothing half-written', async () => {
    const request = join(folder, 'interrupt.fhe');
    expect((await run(['encrypt', '--input', picture('cat'), '--out', request])).status).toBe(0);
    const before = await readdir(folder);
    const manyPictures = Array.from({ length: 60 }, () => picture('cat'));
    const cases = [
      { commandLine: ['encrypt', '--input', ...manyPictures, '--out', join(folder, 'many.fhe')], text: protection },
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
});
