import type { Converter, Operator } from '../operator.js';
import type { Value } from '../value.js';
import { activationOperators } from './activation.js';
import { arithmeticOperators } from './arithmetic.js';
import { convolutionOperators } from './convolution.js';
import { denseOperators } from './dense.js';
import { foldedConstant, isFoldable } from './folding.js';
import { normalizationOperators } from './normalization.js';
import { poolingOperators } from './pooling.js';
import { adviceFor } from './refused.js';
import { resizingOperators } from './resizing.js';
import { shapingOperators } from './shaping.js';

/** Operators of feature maps, by family. */
export const families: Readonly<Record<string, Readonly<Record<string, Converter>>>> = {
  convolution: convolutionOperators,
  'fully connected': denseOperators,
  normalization: normalizationOperators,
  pooling: poolingOperators,
  activation: activationOperators,
  arithmetic: arithmeticOperators,
  resizing: resizingOperators,
  shape: shapingOperators,
};

const converters: ReadonlyMap<string, Converter> = new Map(Object.values(families).flatMap(Object.entries<Converter>));

/** The value of an operator's first output. Throws ERR_NETWORK for an operator that has no place in a graph. */
export function convert(operator: Operator, domain: string): Value {
  const known = inputsKnown(operator) && isFoldable(operator.type);
  const converter = known ? foldedConstant : converters.get(operator.type);
  if ((domain !== '' && domain !== 'ai.onnx') || converter === undefined) {
    throw operator.refuse(`is not supported${adviceFor(operator.type, domain)}`);
  }
  return converter(operator);
}

function inputsKnown({ inputs }: Operator): boolean {
  return inputs.every((value) => value?.kind !== 'feature');
}
