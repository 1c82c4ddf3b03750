import type { LinearStep, LinearTerm } from '../../circuit/circuit.js';
import { assignOffsets } from '../../circuit/rotation-split.js';
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
  const offsets = [...term.map.diagonals.keys()];
  const pairs = assignOffsets(step.split, offsets, slots);
  const diagonals = new Float64Array(offsets.length * period);
  for (const [index, offset] of offsets.entries()) {
    diagonals.set(repeatTo(term.map.diagonals.get(offset)!, period), index * period);
  }
  return {
    inputScale,
    offsets: Int32Array.from(offsets),
    diagonals,
    babyIndices: Int32Array.from(offsets, (offset) => pairs.get(offset)!.baby),
    giantIndices: Int32Array.from(offsets, (offset) => pairs.get(offset)!.giant),
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
