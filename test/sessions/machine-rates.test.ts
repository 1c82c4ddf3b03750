import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { committedRates, referenceRates } from '../../src/cost/rates.js';
import { addonPath } from '../../src/engine/addon-path.js';
import { machineRates } from '../../src/sessions/machine-rates.js';
import { runProgram } from '../cli/program.js';
import { temporaryFolder } from '../support/folders.js';

test.each(['openfhe', 'simulator'] as const)('nothing is measured for %s', async (engine) => {
  expect(await machineRates(engine)).toBe(referenceRates);
});

interface Described {
  readonly seconds: number;
  readonly predictedFor: string;
}

async function describeFast(cache: string, environment: NodeJS.ProcessEnv): Promise<Described> {
  const run = await runProgram(['params', 'params_fast', '--json'], {
    environment: { XDG_CACHE_HOME: cache, ...environment },
  });
  expect(run.stderr).toBe('');
  return JSON.parse(run.stdout)[0].model;
}

describe.skipIf(!existsSync(addonPath('ckks')))('with the engine', () => {
  test('predictions are for the kernels in use on this machine, which the program names', async () => {
    const cache = await temporaryFolder();
    const scalar = await describeFast(cache, { RESNET20_FHE_KERNEL: 'scalar' });
    expect(scalar.predictedFor).toMatch(/^this machine, scalar kernels, \d+ threads?$/);
    expect(scalar.seconds).toBeGreaterThan(0);
    const [kept] = await readdir(join(cache, 'resnet20-fhe'));
    expect(kept).toMatch(/^rates-scalar-\d+\.json$/);
    // Read back, not measured anew: two measurements never agree in every digit.
    expect(await describeFast(cache, { RESNET20_FHE_KERNEL: 'scalar' })).toEqual(scalar);
  });

  test('kernels that there are not leave the committed rates of those that fit the processor', async () => {
    const { predictedFor } = await describeFast(await temporaryFolder(), { RESNET20_FHE_KERNEL: 'abacus' });
    expect((['avx512', 'avx2', 'scalar'] as const).map((kernel) => committedRates(kernel).machine)).toContain(
      predictedFor,
    );
  });

  test('as many threads as are asked for are measured', async () => {
    const { ckks } = await machineRates('ckks', 1);
    expect(ckks).toMatchObject({ threads: 1, parallelSpeedup: 1 });
    expect(ckks.machine).toMatch(/ kernels, 1 thread$/);
  });
});
