import { stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { openOpenFheEngine } from '../../src/engine/openfhe/engine.js';
import { describeError } from '../support/errors.js';
import { makeKeySet, type OpenKeySet, requirements } from '../support/key-set.js';
import { describeOpenFhe, leveledParameters } from './parameters.js';

const high = requirements({ rotations: [1, 2], level: 6 });
const low = requirements({ rotations: [1, 3], level: 1 });

describeOpenFhe('openfhe keys for the levels of their stages', () => {
  let engine: Engine;
  let keys: OpenKeySet;
  const values = Float64Array.from({ length: 2 ** 11 }, (_, slot) => Math.sin(slot));

  beforeAll(async () => {
    engine = await openOpenFheEngine(leveledParameters());
    keys = await makeKeySet(engine, {
      stages: [
        { name: 'high', keys: high },
        { name: 'low', keys: low },
      ],
    });
  });
  afterAll(async () => {
    await keys.dispose();
    engine.dispose();
  });

  async function rotated(level: number, step: number): Promise<number> {
    const input = await keys.evaluator.readCiphertext(await keys.client.encrypt({ real: values }, level, 2 ** 35));
    const output = await keys.evaluator.rotate(input, step);
    const found = (await keys.client.decrypt(await keys.evaluator.writeCiphertext(output, { result: false }))).real;
    return values.reduce((worst, _, slot) => {
      const expected = values[(slot + step) % values.length]!;
      return Math.max(worst, Math.abs(expected - found[slot]!));
    }, 0);
  }

  it('serve their level after any order of stages, and refuse a level above the stage', async () => {
    for (const [stage, requirement, step, level] of [
      ['low', low, 1, 1],
      ['high', high, 1, 6],
      ['low', low, 1, 1],
      ['low', low, 3, 0],
      ['high', high, 2, 6],
    ] as const) {
      await keys.evaluator.enterStage(stage, requirement);
      expect(await rotated(level, step)).toBeLessThan(1e-3);
    }
    await keys.evaluator.enterStage('low', low);
    expect(await describeError(() => rotated(2, 3))).toMatch(/^ERR_KEY_MISSING .*rotation by 3 at level 2/);
    const above = describeError(() => keys.evaluator.enterStage('low', { ...low, level: 2 }));
    expect(await above).toMatch(/^ERR_KEY_MISSING stage low: .*rotation by 3 at level 2/);
  });

  it('serve the same whether they were read ahead or not', async () => {
    const stages = { high: { name: 'high', keys: high }, low: { name: 'low', keys: low } };
    await keys.evaluator.enterStage('low', low, stages.high);
    expect(await rotated(1, 3)).toBeLessThan(1e-3);
    await keys.evaluator.enterStage('high', high, stages.low);
    expect(await rotated(6, 1)).toBeLessThan(1e-3);
    expect(await rotated(6, 2)).toBeLessThan(1e-3);
    await keys.evaluator.enterStage('low', low, stages.high);
    expect(await rotated(1, 3)).toBeLessThan(1e-3);
    expect(await describeError(() => rotated(1, 2))).toMatch(/^ERR_KEY_MISSING/);
  });

  it('take less space for lower levels', async () => {
    const sizeOf = async (rotation: number): Promise<number> => {
      const file = keys.files.find(({ rotations }) => rotations?.includes(rotation))!;
      return (await stat(path.join(keys.folder, file.path))).size;
    };
    expect(await sizeOf(3)).toBeLessThan(0.4 * (await sizeOf(2)));
  });
});
