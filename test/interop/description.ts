import type { Circuit } from '../../src/circuit/circuit.js';
import { columnStrideOf, extentOf, slotStrideOf } from '../../src/circuit/layout.js';
import { nativeParameters } from '../../src/engine/ckks/parameters.js';
import type { CkksParameters } from '../../src/scheme/parameters.js';

/** What decrypt.py must be told: the parameter set, and where the scores of a circuit's pictures lie in the answer. */
export function describeForPython(set: CkksParameters, circuit: Circuit): object {
  const { security: _, primeBits, specialPrimes, digits, ...parameters } = nativeParameters(set);
  const { layout } = circuit.output;
  const { positions, imaginary } = circuit.packing;
  return {
    ...parameters,
    primeBits: [...primeBits],
    specialPrimes: [...specialPrimes],
    digitPrimes: digits.filter((count) => count === 1).length,
    scores: {
      classes: extentOf(layout, 'channel'),
      classStride: slotStrideOf(layout, 'channel'),
      positions,
      imageStride: slotStrideOf(layout, 'image'),
      imaginary,
      fraction: Math.min(1, parameters.resultRingDimension / 2 / columnStrideOf(layout)),
    },
  };
}
