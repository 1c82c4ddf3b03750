import { shown } from '../../../../shown-text.js';

/** What to use in place of operators that models often have and no graph does. */
export const refusedOperators: Readonly<Record<string, string>> = {
  MaxPool: 'the largest of several numbers is no polynomial; use AveragePool, or a stride of 2, and train again',
  GlobalMaxPool: 'the largest of several numbers is no polynomial; use GlobalAveragePool and train again',
  ConvTranspose: 'use Resize (nearest) and a Conv behind it',
  LayerNormalization: 'it divides by a number that depends on the picture; use BatchNormalization and train again',
  InstanceNormalization: 'it divides by a number that depends on the picture; use BatchNormalization and train again',
  GroupNormalization: 'it divides by a number that depends on the picture; use BatchNormalization and train again',
  LpNormalization: 'it divides by a number that depends on the picture; use BatchNormalization and train again',
  LRN: 'it divides by a number that depends on the picture; use BatchNormalization and train again',
  Softmax: 'inside a network it divides by a sum over the picture; at its end it is left to the client',
  LogSoftmax: 'inside a network it divides by a sum over the picture; at its end it is left to the client',
  ArgMax: 'comparisons are no polynomials; at the end of a network it is left to the client',
  DepthToSpace: 'use Resize (nearest) and a Conv behind it',
  SpaceToDepth: 'use a Conv with a stride',
  LSTM: 'recurrent networks have no circuit',
  GRU: 'recurrent networks have no circuit',
  RNN: 'recurrent networks have no circuit',
  Attention: 'products of two feature maps have no circuit',
  If: 'what depends on a comparison has no circuit; export the model without branches',
  Loop: 'loops have no circuit; export the model unrolled',
  Scan: 'loops have no circuit; export the model unrolled',
  QuantizeLinear: 'export the model in float32, not quantised',
  DequantizeLinear: 'export the model in float32, not quantised',
  QLinearConv: 'export the model in float32, not quantised',
  Split: 'use one Conv for each part',
  Slice: 'parts of feature maps are not taken; use a Conv with a stride, or crop pictures before',
  Gather: 'parts of feature maps are not taken; use a Conv of one row and column',
};

/** The end of a sentence about an operator that is not supported. */
export function adviceFor(type: string, domain: string): string {
  if (domain !== '' && domain !== 'ai.onnx') {
    return `: operators of the domain ${shown(domain)} are not ONNX's own; export the model without them`;
  }
  const advice = Object.hasOwn(refusedOperators, type) ? refusedOperators[type] : undefined;
  return advice === undefined ? '; docs/operators.md lists what is' : `: ${advice}`;
}
