import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProfile } from '../../src/catalogue/profiles.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { sideOf } from '../support/key-sides.js';

test('a key of another stage does not serve: the plan has to say what each stage needs', async () => {
  const engine = openSimulator(findProfile('params_test').parameters);
  const keys = (rotations: readonly number[]) => ({
    rotations,
    relinearization: false,
    conjugation: false,
    bootstrap: false,
    level: 1,
  });
  const folder = await mkdtemp(join(tmpdir(), 'simulator-stages-'));
  try {
    const stages = [
      { name: 'first', keys: keys([1]) },
      { name: 'second', keys: keys([2]) },
    ];
    await engine.generateKeys(folder, { stages }, {});
    const client = await engine.openClient(await sideOf(folder, 'secret'));
    const evaluator = await engine.openEvaluator(await sideOf(folder, 'evaluation'));
    const payload = await client.encrypt({ real: new Float64Array(engine.slots) }, 1, 2 ** 24);
    const input = await evaluator.readCiphertext(payload);
    await evaluator.enterStage('first', keys([1]));
    await expect(evaluator.rotate(input, 1)).resolves.toMatchObject({ level: 1 });
    await expect(evaluator.rotate(input, 2)).rejects.toMatchObject({ code: 'ERR_KEY_MISSING' });
    await evaluator.enterStage('second', keys([2]));
    await expect(evaluator.rotate(input, 2)).resolves.toMatchObject({ level: 1 });
    await expect(evaluator.square(input, false)).rejects.toMatchObject({ code: 'ERR_KEY_MISSING' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
