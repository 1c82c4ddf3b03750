import type { LinearOutput, LinearStep, LinearTerm } from '../../circuit/circuit.js';
import { repeat } from '../../circuit/linear-map.js';
import type { Register } from '../../circuit/register.js';
import { assignOffsets, reduceStep } from '../../circuit/rotation-split.js';
import type { NativeLinearDescription, NativeLinearTerm } from './binding.js';

/** Period below which the native kernels have no broadcast. */
const LEAST_PERIOD = 8;

/** One output of a linear step as the native library takes it: one period for all maps and the bias. */
export function describeLinear(
  step: LinearStep,
  { terms, bias }: LinearOutput,
  inputScales: ReadonlyMap<Register, number>,
): NativeLinearDescription {
  const period = Math.max(LEAST_PERIOD, bias.length);
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
    terms: terms.map((term) => describeTerm(step, term, inputScales.get(term.source)!, period)),
  };
}

function describeTerm(step: LinearStep, term: LinearTerm, inputScale: number, period: number): NativeLinearTerm {
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
    inputScale,
    offsets: Int32Array.from(names, (_, product) =>
      reduceStep(split.babySteps[babyIndices[product]!]! + split.giantSteps[giantIndices[product]!]!, slots),
    ),
    diagonals,
    shiftedDiagonals,
    babyIndices,
    giantIndices,
  };
}
