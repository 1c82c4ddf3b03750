import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProfile } from '../../dist/catalogue/profiles.js';
import { OpenFheCost } from '../../dist/cost/openfhe/cost.js';
import { linearWork } from '../../dist/cost/step-cost.js';
import { openEngine } from '../../dist/engine/registry.js';
import { createKeySet } from '../../dist/store/create-key-set.js';
import { nonNegativeLeastSquares } from './least-squares.mjs';

/** Levels at which steps are timed: every part of the modulus, one to five digits. */
const levels = [36, 24, 12, 4];
const rotations = [1, 2, 3, 4, 5, 6, 7, 8];
const repetitions = 2;

const fitted = [
  'nttSecondsPerLimb',
  'baseConversionSecondsPerElement',
  'multiplyAddSecondsPerElement',
  'passSecondsPerElement',
  'encodingSecondsPerElement',
];

/**
 * Rates of the openfhe engine with all cores: linear steps of five shapes and squares of params_secure are timed, keys
 * made for the purpose, and the rates are those under which the cost model comes nearest, in relative terms. Takes half
 * a minute on two quiet cores, 4 GB of memory and 1.5 GB of disk. `report(text)` is told what is being done.
 */
export async function measureOpenFheRates(report) {
  const profile = findProfile('params_secure');
  const { parameters } = profile;
  const { engine, libraryVersion } = await openEngine(parameters);
  const folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-calibrate-'));
  try {
    report('making keys');
    const keys = { rotations, relinearization: true, conjugation: false, bootstrap: false, level: levels[0] + 1 };
    const set = await createKeySet({
      folder: join(folder, 'keys'),
      identity: { program: 'calibrate', profile: profile.name, planHash: 'none', engine: engine.name, libraryVersion },
      generate: (into) => engine.generateKeys(into, { stages: [{ name: 'all', keys }] }, {}),
    });
    const client = await engine.openClient(set.secret);
    const evaluator = await engine.openEvaluator(set.evaluation, {});
    report('measuring');
    const keyLoadingSecondsPerByte = (await seconds(() => evaluator.enterStage('all', keys))) / set.evaluation.bytes;
    const equations = await timeSteps(engine, client, evaluator);
    report('measured');
    return { ringDimension: parameters.ringDimension, ...fitRates(parameters, equations), keyLoadingSecondsPerByte };
  } finally {
    engine.dispose();
    await rm(folder, { recursive: true });
  }
}

/** What was timed: seconds, and the model's seconds as a function of the model. */
async function timeSteps(engine, client, evaluator) {
  const equations = [];
  for (const level of levels) {
    const fresh = await evaluator.readCiphertext(
      await client.encrypt({ real: new Float64Array(engine.slots).fill(0.5) }, level + 1, 1),
    );
    // As in a circuit, the rescale of the step before is still to be done.
    const input = await runLinear(evaluator, stepOf(engine.slots, level + 1, {}), fresh);
    for (const shape of shapes) {
      const step = stepOf(engine.slots, level, shape);
      const work = linearWork(step);
      equations.push({
        seconds: await shortest(() => runLinear(evaluator, step, input)),
        model: (costs) => costs.linearSeconds(work),
      });
    }
    equations.push({
      seconds: await shortest(() => evaluator.square(input, false)),
      model: (costs) => costs.squareSeconds(level, false),
    });
    input.dispose();
    fresh.dispose();
  }
  return equations;
}

/**
 * Steps in which one part after the other outweighs the rest: base, baby steps, products, giant steps, encoding. As in a
 * circuit, a giant step's products are of different baby steps, which together are larger than any cache.
 */
const shapes = [{}, { babies: 8 }, { babies: 8, giants: 4 }, { giants: 5 }, { terms: 16, period: 8192 }];

/** `terms` maps of one input, each with a diagonal for every pair of a baby and a giant step. */
function stepOf(slots, level, { terms = 1, babies = 1, giants = 1, period = 512 }) {
  const values = Float64Array.from({ length: period }, (_, index) => Math.cos(index) / 4);
  const offsets = Array.from({ length: babies * giants }, (_, offset) => offset);
  const diagonals = { period, offsets, values: () => new Map(offsets.map((offset) => [offset, values])) };
  const layout = { digits: [], gaps: 'zero' };
  return {
    kind: 'linear',
    name: 'calibration',
    level,
    slots,
    outputs: [
      {
        register: 'output',
        terms: Array.from({ length: terms }, () => ({ source: 'input', diagonals })),
        bias: new Float64Array(period),
      },
    ],
    inputLayout: layout,
    outputLayout: layout,
    split: {
      babySteps: Array.from({ length: babies }, (_, baby) => baby),
      giantSteps: Array.from({ length: giants }, (_, giant) => babies * (giants - 1 - giant)),
      giantParents: Array.from({ length: giants }, (_, giant) => (giant === giants - 1 ? -1 : giant + 1)),
    },
    folds: [],
    conjugate: false,
  };
}

async function runLinear(evaluator, step, input) {
  const [output] = await evaluator.linear(step, [input]);
  return output;
}

async function shortest(operation) {
  const times = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    times.push(await seconds(async () => (await operation()).dispose()));
  }
  return Math.min(...times);
}

async function seconds(operation) {
  const started = performance.now();
  await operation();
  return (performance.now() - started) / 1000;
}

/** The model is linear in its rates: what one rate contributes is what the model says when all others are zero. */
function fitRates(parameters, equations) {
  const { ringDimension } = parameters;
  const zero = { ringDimension, ...Object.fromEntries(fitted.map((name) => [name, 0])) };
  const models = fitted.map((name) => new OpenFheCost(parameters, { ...zero, [name]: 1 }));
  const rows = equations.map(({ model, seconds: measured }) => models.map((costs) => model(costs) / measured));
  const rates = nonNegativeLeastSquares(
    rows,
    rows.map(() => 1),
  );
  return Object.fromEntries(fitted.map((name, index) => [name, Number(rates[index].toPrecision(3))]));
}
