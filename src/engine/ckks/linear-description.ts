import type { LinearStep, LinearTerm } from '../../circuit/circuit.js';
import { assignOffsets, reduceStep } from '../../circuit/rotation-split.js';
import type { NativeLinearDescription, NativeLinearTerm } from './binding.js';

/** Period below which the native kernels have no broadcast. */
const LEAST_PERIOD = 8;

/** A linear step as the native library takes it: one period for all maps and the bias. */
export function describeLinear(
  step: LinearStep,
  inputScales: readonly number[],
  slots: number,
): NativeLinearDescription {
  const period = Math.max(LEAST_PERIOD, step.bias.length, ...step.terms.map((term) => term.map.period));
  return {
    level: step.level,
    outputScale: step.outputScale,
    period,
    babySteps: Int32Array.from(step.split.babySteps),
    giantSteps: Int32Array.from(step.split.giantSteps),
    giantParents: Int32Array.from(step.split.giantParents),
    folds: Int32Array.from(step.folds),
    bias: repeatTo(step.bias, period),
    conjugate: step.conjugate,
    imaginaryShift: step.split.imaginaryShift ?? 0,
    terms: step.terms.map((term, index) => describeTerm(step, term, inputScales[index]!, period, slots)),
  };
}

function describeTerm(
  step: LinearStep,
  term: LinearTerm,
  inputScale: number,
  period: number,
  slots: number,
): NativeLinearTerm {
  const { split } = step;
  const pairs = assignOffsets(split, term.map.diagonals.keys(), slots);
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
  for (const [offset, { baby, giant, copy }] of pairs) {
    const target = copy ? shiftedDiagonals! : diagonals;
    const product = products.get(giant * split.babySteps.length + baby)!;
    target.set(repeatTo(term.map.diagonals.get(offset)!, period), product * period);
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

/** A vector of one period as one of a longer period. */
function repeatTo(values: Float64Array, period: number): Float64Array {
  const repeated = new Float64Array(period);
  for (let start = 0; start < period; start += values.length) {
    repeated.set(values, start);
  }
  return repeated;
}
