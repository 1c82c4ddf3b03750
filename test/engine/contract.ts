import { cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chebyshevInterpolation } from '../../src/circuit/chebyshev.js';
import type { Circuit, KeyRequirements, LinearStep } from '../../src/circuit/circuit.js';
import { largestPacking } from '../../src/circuit/packing.js';
import { circuitParameters } from '../../src/circuit/parameters.js';
import { planCircuit } from '../../src/circuit/planner.js';
import type { Ciphertext, Client, Engine, Evaluator, SlotValues, WrittenKeyFile } from '../../src/engine/engine.js';
import { forward } from '../../src/network/forward.js';
import type { Profile } from '../../src/profile/profile.js';
import { seededRandom } from '../support/random.js';
import { randomImage, randomNetwork } from '../support/random-network.js';
import { scoresThrough } from '../support/run-steps.js';

/** An engine opened for a profile with small parameters (ring dimension 2^12 or so). */
export interface ContractSubject {
  readonly engine: Engine;
  readonly profile: Profile;
}

/** Rotations that the contract's stage has keys for. */
const rotations = [-64, -1, 1, 5, 300];

/**
 * What every engine must do, whatever its library. `open` may be called several times; `tolerance` is the largest error
 * of a slot after one operation on values in [-1, 1].
 */
export function describeEngineContract(name: string, open: () => Promise<ContractSubject>, tolerance: number): void {
  describe(`engine contract: ${name}`, () => {
    let subject: ContractSubject;
    let folder: string;
    let files: WrittenKeyFile[];
    let client: Client;
    let evaluator: Evaluator;
    let circuits: readonly Circuit[];

    const parameters = () => circuitParameters(subject.profile);
    /** Scale at which products and rotations take place: that of a square. */
    const productScale = () => {
      const { activationScale, squareLevels } = parameters();
      return squareLevels === 0 ? activationScale ** 2 : activationScale;
    };
    const contractKeys = (): KeyRequirements => ({
      rotations,
      relinearization: true,
      conjugation: parameters().imaginaryImages,
      bootstrap: parameters().bootstrap !== undefined,
      level: 3,
    });

    async function makeKeys(into: string): Promise<WrittenKeyFile[]> {
      await mkdir(join(into, 'secret'), { recursive: true });
      await mkdir(join(into, 'evaluation'), { recursive: true });
      const stages = [
        { name: 'contract', keys: contractKeys() },
        ...circuits.flatMap((circuit) => circuit.stages.map(({ name: stage, keys }) => ({ name: stage, keys }))),
      ];
      return subject.engine.generateKeys(into, { stages: mergeStages(stages) }, {});
    }

    async function encrypt(values: SlotValues, level: number, scale: number, by = client): Promise<Ciphertext> {
      return evaluator.readCiphertext(await by.encrypt(values, level, scale));
    }

    async function decrypt(ciphertext: Ciphertext): Promise<SlotValues> {
      return client.decrypt(await evaluator.writeCiphertext(ciphertext, { result: false }));
    }

    beforeAll(async () => {
      subject = await open();
      circuits = contractCircuits(subject.profile);
      folder = await mkdtemp(join(tmpdir(), 'engine-contract-'));
      files = await makeKeys(folder);
      client = await subject.engine.openClient(folder);
      evaluator = await subject.engine.openEvaluator(join(folder, 'evaluation'), {});
      await evaluator.enterStage('contract', contractKeys());
    });

    afterAll(async () => {
      evaluator?.dispose();
      client?.dispose();
      subject?.engine.dispose();
      await rm(folder, { recursive: true, force: true });
    });

    const random = (seed: number): Float64Array => {
      const uniform = seededRandom(seed);
      return Float64Array.from({ length: subject.engine.slots }, () => 2 * uniform() - 1);
    };

    test('key files lie where they are said to, secrets apart', async () => {
      for (const { path, kind } of files) {
        expect(path.startsWith(kind === 'secret' ? 'secret/' : 'evaluation/') || kind === 'public').toBe(true);
        expect((await stat(join(folder, path))).size).toBeGreaterThan(0);
      }
      expect(files.some(({ kind }) => kind === 'secret')).toBe(true);
    });

    test('an evaluator opens and works without the secret', async () => {
      const apart = await mkdtemp(join(tmpdir(), 'engine-contract-evaluation-'));
      try {
        await cp(join(folder, 'evaluation'), apart, { recursive: true });
        const server = await subject.engine.openEvaluator(apart, {});
        await server.enterStage('contract', contractKeys());
        const values = random(1);
        const input = await server.readCiphertext(await client.encrypt({ real: values }, 2, productScale()));
        const output = await server.writeCiphertext(await server.rotate(input, 1), { result: false });
        server.dispose();
        expectClose((await client.decrypt(output)).real, rotated(values, 1), tolerance);
      } finally {
        await rm(apart, { recursive: true, force: true });
      }
    });

    test('encryption and decryption are inverse, at the level and scale asked for', async () => {
      const values = random(2);
      const ciphertext = await encrypt({ real: values }, 2, productScale());
      expect(ciphertext.level).toBe(2);
      expect(ciphertext.bytes).toBeGreaterThan(0);
      const decrypted = await decrypt(ciphertext);
      expectClose(decrypted.real, values, tolerance);
    });

    test('values in the imaginary part come back', async (context) => {
      context.skip(!parameters().imaginaryImages, 'the engine keeps nothing in the imaginary part');
      const values = { real: random(3), imaginary: random(4) };
      const decrypted = await decrypt(await encrypt(values, 1, productScale()));
      expectClose(decrypted.real, values.real, tolerance);
      expectClose(decrypted.imaginary!, values.imaginary, tolerance);
    });

    test('sum', async () => {
      const [left, right] = [random(5), random(6)];
      const sum = await evaluator.add(
        await encrypt({ real: left }, 2, productScale()),
        await encrypt({ real: right }, 2, productScale()),
      );
      expectClose(
        (await decrypt(sum)).real,
        left.map((value, slot) => value + right[slot]!),
        2 * tolerance,
      );
    });

    test('square', async () => {
      const values = random(7);
      const { activationScale } = parameters();
      const square = await evaluator.square(await encrypt({ real: values }, 2, activationScale), false);
      expectClose(
        (await decrypt(square)).real,
        values.map((value) => value * value),
        2 * tolerance,
      );
    });

    test('component-wise square, after a linear step that carries the conjugate', async (context) => {
      context.skip(!parameters().imaginaryImages, 'the engine keeps nothing in the imaginary part');
      const { step, inputs } = stepCase(circuits.at(-1)!, 'stage1.block1.conv1');
      const { register, outputs } = await runLinear(step, inputs);
      const square = await decrypt(await evaluator.square(register, true));
      for (const part of ['real', 'imaginary'] as const) {
        expectClose(
          square[part]!,
          outputs[part]!.map((value) => value * value),
          4 * tolerance * (1 + magnitude(outputs[part]!)),
        );
      }
      await evaluator.enterStage('contract', contractKeys());
    });

    test('plaintext product takes one level and keeps the scale', async () => {
      const [values, factors] = [random(8), random(9)];
      const input = await encrypt({ real: values }, 2, productScale());
      const product = await evaluator.multiplyPlain(input, { real: factors });
      expect(product.level).toBe(1);
      expect(product.scale / input.scale).toBeCloseTo(1, 6);
      expectClose(
        (await decrypt(product)).real,
        values.map((value, slot) => value * factors[slot]!),
        2 * tolerance,
      );
    });

    test.each([1, 5, 300, -1, -64, 0])('rotation by %i', async (step) => {
      const values = random(10);
      const output = await evaluator.rotate(await encrypt({ real: values }, 2, productScale()), step);
      expectClose((await decrypt(output)).real, rotated(values, step), tolerance);
    });

    test('a lower level holds the same values', async () => {
      const values = random(11);
      const dropped = await evaluator.dropToLevel(await encrypt({ real: values }, 3, productScale()), 1);
      expect(dropped.level).toBe(1);
      expectClose((await decrypt(dropped)).real, values, tolerance);
    });

    /** A step of a circuit with random inputs: the first at the step's level, further ones above it where possible. */
    function stepCase(circuit: Circuit, stepName: string): { step: LinearStep; inputs: SlotValues[] } {
      const step = circuit.stages.flatMap(({ steps }) => steps).find((candidate) => candidate.name === stepName);
      if (step?.kind !== 'linear') {
        throw new Error(`no linear step ${stepName}`);
      }
      const inputs = step.terms.map((_, index) => ({
        real: random(20 + index),
        ...(step.conjugate ? { imaginary: random(30 + index) } : {}),
      }));
      return { step, inputs };
    }

    async function runLinear(step: LinearStep, inputs: readonly SlotValues[]) {
      const stage = circuits.flatMap(({ stages }) => stages).find(({ steps }) => steps.includes(step))!;
      await evaluator.enterStage(stage.name, stage.keys);
      const scale = step.name === 'stem' ? parameters().inputScale : productScale();
      const ciphertexts = await Promise.all(
        inputs.map((values, index) => {
          const level = Math.min(step.level + index, subject.engine.maximumLevel);
          return encrypt(values, level, scale);
        }),
      );
      using encoded = await evaluator.encodeLinear(
        step,
        ciphertexts.map((ciphertext) => ciphertext.scale),
      );
      const register = await evaluator.linear(encoded, ciphertexts);
      return { register, outputs: referenceLinear(step, inputs) };
    }

    describe('linear maps', () => {
      test.each([
        ['stem', 'the stem'],
        ['stage1.block1.conv1', 'a convolution'],
        ['stage1.block1.conv2', 'a convolution with an identity shortcut'],
        ['stage2.block1.conv1', 'a strided convolution'],
        ['stage2.block1.conv2', 'a convolution with a strided shortcut'],
        ['linear', 'pooling and the fully connected layer, with folds'],
      ])('%s: %s', async (stepName) => {
        for (const circuit of circuits) {
          const { step, inputs } = stepCase(circuit, stepName);
          const { register, outputs } = await runLinear(step, inputs);
          expect(register.level).toBe(step.level - 1);
          const decrypted = await decrypt(register);
          expectClose(decrypted.real, outputs.real, 4 * tolerance * (1 + magnitude(outputs.real)));
          if (outputs.imaginary !== undefined) {
            expectClose(decrypted.imaginary!, outputs.imaginary, 4 * tolerance * (1 + magnitude(outputs.imaginary)));
          }
        }
        await evaluator.enterStage('contract', contractKeys());
      });

      test('an encoded step may be applied again', async () => {
        const { step, inputs } = stepCase(circuits[0]!, 'stage1.block1.conv1');
        const stage = circuits[0]!.stages.find(({ steps }) => steps.includes(step))!;
        await evaluator.enterStage(stage.name, stage.keys);
        using encoded = await evaluator.encodeLinear(step, [productScale()]);
        for (const seed of [40, 41]) {
          const values = { ...inputs[0]!, real: random(seed) };
          const register = await evaluator.linear(encoded, [await encrypt(values, step.level, productScale())]);
          const expected = referenceLinear(step, [values]).real;
          expectClose((await decrypt(register)).real, expected, 4 * tolerance * (1 + magnitude(expected)));
        }
        await evaluator.enterStage('contract', contractKeys());
      });
    });

    test('Chebyshev polynomial', async (context) => {
      const { bootstrap, activationScale } = parameters();
      if (bootstrap === undefined && subject.engine.name === 'openfhe') {
        return context.skip('a leveled OpenFHE profile has keys for the stage it is in: level 3');
      }
      const polynomial = chebyshevInterpolation((x) => Math.max(0, x), 27, 1);
      const values = random(12);
      const level = bootstrap === undefined ? 6 : 7;
      const input = await encrypt({ real: values }, level, activationScale);
      const output = await evaluator.polynomial(input, {
        kind: 'polynomial',
        name: 'relu',
        source: 'x',
        target: 'y',
        level,
        outputScale: activationScale,
        polynomial,
        levels: 5,
      });
      expect(output.level).toBeGreaterThanOrEqual(level - 5);
      const expected = values.map((x) => chebyshevSum(polynomial.coefficients, x));
      expectClose((await decrypt(output)).real, expected, 20 * tolerance);
    });

    test('a bootstrap brings the levels back', async (context) => {
      const { bootstrap, activationScale } = parameters();
      if (bootstrap === undefined) {
        return context.skip('the profile is leveled: no bootstrap');
      }
      const values = random(13);
      const output = await evaluator.bootstrap(await encrypt({ real: values }, 1, activationScale), 1);
      expect(output.level).toBe(bootstrap.level);
      expectClose((await decrypt(output)).real, values, Math.max(2 ** -7, 20 * tolerance));
    });

    test('a whole network: scores as the plain forward pass, from the result ring too', async () => {
      for (const circuit of circuits) {
        const network = contractNetwork(subject.profile, circuitPadding(circuit));
        const count = circuit.packing.positions * (circuit.packing.imaginary ? 2 : 1);
        const images = Array.from({ length: count }, (_, index) => randomImage(network, 50 + index));
        for (const result of [true, false]) {
          const scores = await scoresThrough({ client, evaluator }, network, circuit, images, result);
          for (const [index, image] of images.entries()) {
            expectClose(scores[index]!, forward(network, image), networkTolerance(subject.profile, tolerance));
          }
        }
      }
      await evaluator.enterStage('contract', contractKeys());
    }, 600_000);

    describe('errors', () => {
      test('an exhausted level', async () => {
        const bottom = await encrypt({ real: random(14) }, 0, parameters().outputScale);
        await expect(evaluator.multiplyPlain(bottom, { real: random(15) })).rejects.toMatchObject({
          code: 'ERR_LEVEL_EXHAUSTED',
        });
        await expect(evaluator.dropToLevel(bottom, 1)).rejects.toMatchObject({ code: 'ERR_LEVEL_EXHAUSTED' });
        const { step, inputs } = stepCase(circuits[0]!, 'stage1.block1.conv1');
        const stage = circuits[0]!.stages.find(({ steps }) => steps.includes(step))!;
        await evaluator.enterStage(stage.name, stage.keys);
        const low = await encrypt(inputs[0]!, step.level - 1, productScale());
        using encoded = await evaluator.encodeLinear(step, [low.scale]);
        await expect(evaluator.linear(encoded, [low])).rejects.toMatchObject({ code: 'ERR_LEVEL_EXHAUSTED' });
        await evaluator.enterStage('contract', contractKeys());
      });

      test('a missing rotation key', async () => {
        const input = await encrypt({ real: random(16) }, 1, productScale());
        const absent = 333;
        await expect(evaluator.rotate(input, absent)).rejects.toMatchObject({ code: 'ERR_KEY_MISSING' });
        const use = async () => {
          await evaluator.enterStage('contract', { ...contractKeys(), rotations: [absent] });
          await evaluator.rotate(input, absent);
        };
        await expect(use()).rejects.toMatchObject({ code: 'ERR_KEY_MISSING' });
        await evaluator.enterStage('contract', contractKeys());
      });

      test('key folders that are not there', async () => {
        await expect(subject.engine.openClient(join(folder, 'nowhere'))).rejects.toMatchObject({
          code: 'ERR_KEY_MISSING',
        });
        await expect(subject.engine.openEvaluator(join(folder, 'nowhere'), {})).rejects.toMatchObject({
          code: 'ERR_KEY_MISSING',
        });
      });

      test('a ciphertext of another key set is refused or decrypts to something else', async () => {
        const other = await mkdtemp(join(tmpdir(), 'engine-contract-foreign-'));
        try {
          await makeKeys(other);
          const stranger = await subject.engine.openClient(other);
          const values = random(17);
          const payload = await stranger.encrypt({ real: values }, 1, productScale());
          stranger.dispose();
          const outcome = await client.decrypt(payload).then(
            ({ real }) => (distance(real, values) > 0.1 ? 'garbage' : 'decrypted'),
            (error: { code?: string }) => error.code,
          );
          expect(['garbage', 'ERR_KEY_MISMATCH', 'ERR_CIPHERTEXT']).toContain(outcome);
        } finally {
          await rm(other, { recursive: true, force: true });
        }
      }, 300_000);

      test('damaged payloads', async () => {
        const payload = await client.encrypt({ real: random(18) }, 1, productScale());
        const damaged = [new Uint8Array(0), payload.subarray(0, payload.length - 9), payload.subarray(0, 20)];
        for (const bytes of damaged) {
          await expect(evaluator.readCiphertext(bytes)).rejects.toMatchObject({ code: 'ERR_CIPHERTEXT' });
          await expect(client.decrypt(bytes)).rejects.toMatchObject({ code: 'ERR_CIPHERTEXT' });
        }
      });

      test('use after dispose', async () => {
        const input = await encrypt({ real: random(19) }, 1, productScale());
        input.dispose();
        input.dispose();
        await expect(evaluator.rotate(input, 1)).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
        const { step, inputs } = stepCase(circuits[0]!, 'stage1.block1.conv1');
        const encoded = await evaluator.encodeLinear(step, [productScale()]);
        encoded.dispose();
        const usable = await encrypt(inputs[0]!, step.level, productScale());
        await expect(evaluator.linear(encoded, [usable])).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
        const closedEvaluator = await subject.engine.openEvaluator(join(folder, 'evaluation'), {});
        closedEvaluator.dispose();
        closedEvaluator.dispose();
        await expect(closedEvaluator.enterStage('contract', contractKeys())).rejects.toMatchObject({
          code: 'ERR_DISPOSED',
        });
        const closedClient = await subject.engine.openClient(folder);
        closedClient.dispose();
        closedClient.dispose();
        await expect(closedClient.encrypt({ real: random(1) }, 1, productScale())).rejects.toMatchObject({
          code: 'ERR_DISPOSED',
        });
      });

      test('an aborted signal ends a linear step and key generation', async () => {
        const signal = AbortSignal.abort();
        const { step, inputs } = stepCase(circuits[0]!, 'stage1.block1.conv1');
        const stage = circuits[0]!.stages.find(({ steps }) => steps.includes(step))!;
        await evaluator.enterStage(stage.name, stage.keys);
        using encoded = await evaluator.encodeLinear(step, [productScale()]);
        const input = await encrypt(inputs[0]!, step.level, productScale());
        await expect(evaluator.linear(encoded, [input], { signal })).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
        const other = await mkdtemp(join(tmpdir(), 'engine-contract-cancel-'));
        try {
          await mkdir(join(other, 'secret'));
          await mkdir(join(other, 'evaluation'));
          const plan = { stages: [{ name: 'contract', keys: contractKeys() }] };
          await expect(subject.engine.generateKeys(other, plan, { signal })).rejects.toMatchObject({
            code: 'ERR_CANCELLED',
          });
        } finally {
          await rm(other, { recursive: true, force: true });
        }
        await evaluator.enterStage('contract', contractKeys());
      });
    });
  });
}

function contractNetwork(profile: Profile, padding: 'zero' | 'circular-width') {
  return randomNetwork({
    channels: [4, 8],
    height: 8,
    width: 8,
    blocksPerStage: 1,
    activation: profile.openfhe?.bootstrap === undefined ? 'square' : 'relu',
    padding,
    seed: 21,
    classes: 10,
  });
}

/** Periodic diagonals, dense diagonals, and where the engine can, images in the imaginary part. */
function contractCircuits(profile: Profile): Circuit[] {
  const circular = contractNetwork(profile, 'circular-width');
  const zero = contractNetwork(profile, 'zero');
  const one = { positions: 1, imaginary: false };
  const circuits = [planCircuit(circular, profile, one), planCircuit(zero, profile, one)];
  const largest = largestPacking(circular, profile);
  return largest.imaginary ? [...circuits, planCircuit(circular, profile, largest)] : circuits;
}

function circuitPadding(circuit: Circuit): 'zero' | 'circular-width' {
  const steps = circuit.stages.flatMap((stage) => stage.steps);
  const convolution = steps.find((step) => step.name === 'stage1.block1.conv1') as LinearStep;
  return convolution.bias.length < circuit.slots ? 'circular-width' : 'zero';
}

/** Stages of several circuits with the same name, joined: their keys have to serve all of them. */
function mergeStages(stages: readonly { readonly name: string; readonly keys: KeyRequirements }[]) {
  const merged = new Map<string, KeyRequirements>();
  for (const { name, keys } of stages) {
    const other = merged.get(name);
    merged.set(
      name,
      other === undefined
        ? keys
        : {
            rotations: [...new Set([...other.rotations, ...keys.rotations])].sort((left, right) => left - right),
            relinearization: other.relinearization || keys.relinearization,
            conjugation: other.conjugation || keys.conjugation,
            bootstrap: other.bootstrap || keys.bootstrap,
            level: Math.max(other.level, keys.level),
          },
    );
  }
  return [...merged].map(([name, keys]) => ({ name, keys }));
}

/** A linear step by its definition, diagonal by diagonal, without baby and giant steps. */
function referenceLinear(step: LinearStep, inputs: readonly SlotValues[]): SlotValues {
  const part = (select: (values: SlotValues) => Float64Array | undefined, biased: boolean): Float64Array => {
    let sum = new Float64Array(step.terms[0]!.map.slots);
    for (const [index, { map }] of step.terms.entries()) {
      const input = select(inputs[index]!);
      for (const [offset, diagonal] of input === undefined ? [] : map.diagonals) {
        const shifted = rotated(input!, offset);
        for (let slot = 0; slot < sum.length; slot++) {
          sum[slot]! += diagonal[slot % map.period]! * shifted[slot]!;
        }
      }
    }
    for (const fold of step.folds) {
      const shifted = rotated(sum, fold);
      sum = sum.map((value, slot) => value + shifted[slot]!);
    }
    return biased ? sum.map((value, slot) => value + step.bias[slot % step.bias.length]!) : sum;
  };
  const real = part((values) => values.real, true);
  return step.conjugate ? { real, imaginary: part((values) => values.imaginary, true) } : { real };
}

/** T_k(x) = cos(k arccos x) */
function chebyshevSum(coefficients: Float64Array, x: number): number {
  return coefficients.reduce((sum, coefficient, index) => sum + coefficient * Math.cos(index * Math.acos(x)), 0);
}

/** Errors of single steps add up over a network; a ReLU's polynomial errs by itself. */
function networkTolerance(profile: Profile, tolerance: number): number {
  return profile.openfhe?.bootstrap === undefined ? 100 * tolerance : 0.5;
}

function rotated(values: Float64Array, step: number): Float64Array {
  const count = values.length;
  return Float64Array.from({ length: count }, (_, slot) => values[(((slot + step) % count) + count) % count]!);
}

function magnitude(values: Float64Array): number {
  return values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}

function distance(left: Float64Array, right: Float64Array): number {
  return left.reduce((max, value, slot) => Math.max(max, Math.abs(value - right[slot]!)), 0);
}

function expectClose(found: Float64Array, expected: Float64Array, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  expect(distance(found, expected)).toBeLessThanOrEqual(tolerance);
}
