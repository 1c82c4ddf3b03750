import type { LinearOutput, LinearStep, LinearTerm } from '../../circuit/circuit.js';
import { repeat } from '../../circuit/linear-map.js';
import type { Register } from '../../circuit/register.js';
import { assignOffsets, reduceStep } from '../../circuit/rotation-split.js';
import type { NativeLinearDescription, NativeLinearTerm } from './binding.js';

/** Period below which the native kernels have no broadcast. */
const LEAST_PERIOD = 8;

/** A term without what depends on its input. */
export type LinearMapDescription = Omit<NativeLinearTerm, 'inputScale'>;

/** The maps of an output's terms: most of the work of describing it. */
export function describeMaps(step: LinearStep, { terms, bias }: LinearOutput): LinearMapDescription[] {
  return terms.map((term) => describeMap(step, term, commonPeriod(bias)));
}

/** One output of a linear step as the native library takes it: one period for all maps and the bias. */
export function describeLinear(
  step: LinearStep,
  output: LinearOutput,
  inputScales: ReadonlyMap<Register, number>,
  maps: readonly LinearMapDescription[] = describeMaps(step, output),
): NativeLinearDescription {
  const { terms, bias } = output;
  const period = commonPeriod(bias);
  return {
    level: step.level,
    outputScale: step.outputScale,
    period,
    babySteps: Int32Array.from(step.split.babySteps),
    giantSteps: Int32Array.from(step.split.giantSteps),
    giantParents: Int32Array.from(step.split.giantParents),
    folds: Int32Array.from(step.folds),
    bias: repeat(bias, period),
    conjugate: step.conjugate,
    imaginaryShift: step.split.imaginaryShift ?? 0,
    terms: terms.map(({ source }, index) => ({ ...maps[index]!, inputScale: inputScales.get(source)! })),
  };
}

function commonPeriod(bias: Float64Array): number {
  return Math.max(LEAST_PERIOD, bias.length);
}

function describeMap(step: LinearStep, term: LinearTerm, period: number): LinearMapDescription {
  const { split, slots } = step;
  const { offsets, values } = term.diagonals;
  const pairs = assignOffsets(split, offsets, slots);
  // One product for each pair of steps: it serves the offset that is their sum, and through the copy another one.
  const products = new Map<number, number>();
  for (const { baby, giant } of pairs.values()) {
    const name = giant * split.babySteps.length + baby;
    products.set(name, products.get(name) ?? products.size);
  }
  const names = [...products.keys()];
  const babyIndices = Int32Array.from(names, (name) => name % split.babySteps.length);
  const giantIndices = Int32Array.from(names, (name) => Math.floor(name / split.babySteps.length));
  const packed = [...pairs.values()].some(({ copy }) => copy);
  const diagonals = new Float64Array(names.length * period);
  const shiftedDiagonals = packed ? new Float64Array(names.length * period) : undefined;
  for (const [offset, diagonal] of values()) {
    const { baby, giant, copy } = pairs.get(offset)!;
    const target = copy ? shiftedDiagonals! : diagonals;
    const product = products.get(giant * split.babySteps.length + baby)!;
    target.set(repeat(diagonal, period), product * period);
  }
  return {
    offsets: Int32Array.from(names, (_, product) =>
      reduceStep(split.babySteps[babyIndices[product]!]! + split.giantSteps[giantIndices[product]!]!, slots),
    ),
    diagonals,
    shiftedDiagonals,
    babyIndices,
    giantIndices,
  };
}
