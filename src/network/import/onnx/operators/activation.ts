import { erf, functionOf } from '../../../activation-functions.js';
import type { ScalarFunction } from '../../../graph.js';
import type { Elementwise } from '../expression.js';
import type { Converter, Operator } from '../operator.js';
import { channelValues } from './channel-values.js';

/** Operators of one feature map and attributes; what they are together with their neighbours is found later. */
export const activationOperators: Readonly<Record<string, Converter>> = {
  Relu: scalar(() => ({ name: 'relu' })),
  LeakyRelu: scalar((operator) => ({ name: 'leaky-relu', slope: operator.number('alpha', 0.01) })),
  Elu: scalar((operator) => ({ name: 'elu', alpha: operator.number('alpha', 1) })),
  Sigmoid: scalar(() => ({ name: 'sigmoid' })),
  Tanh: scalar(() => ({ name: 'tanh' })),
  Softplus: scalar(() => ({ name: 'softplus' })),
  Mish: scalar(() => ({ name: 'mish' })),
  HardSwish: scalar(() => ({ name: 'hard-swish' })),
  Gelu: scalar((operator) => ({
    name: 'gelu',
    approximation: operator.text('approximate', 'none') === 'tanh' ? 'tanh' : 'none',
  })),
  HardSigmoid: elementwise((operator) => {
    const alpha = operator.number('alpha', 0.2);
    const beta = operator.number('beta', 0.5);
    return (x) => Math.min(1, Math.max(0, alpha * x + beta));
  }),
  PRelu: elementwise((operator) => {
    const slopes = channelValues(operator, operator.feature(0), operator.constant(1));
    return (x, channel) => (x < 0 ? slopes[channel % slopes.length]! * x : x);
  }),
  Clip: elementwise((operator) => {
    const bound = (attribute: string, index: number, otherwise: number): number =>
      operator.optionalConstant(index)?.data[0] ?? operator.number(attribute, otherwise);
    const least = bound('min', 1, Number.NEGATIVE_INFINITY);
    const most = bound('max', 2, Number.POSITIVE_INFINITY);
    return (x) => Math.min(most, Math.max(least, x));
  }),
  Erf: elementwise(() => erf),
  Exp: elementwise(() => Math.exp),
  Log: elementwise(() => Math.log),
  Sqrt: elementwise(() => Math.sqrt),
  Abs: elementwise(() => Math.abs),
  Neg: elementwise(() => (x) => -x),
  Reciprocal: elementwise(() => (x) => 1 / x),
};

function scalar(by: (operator: Operator) => ScalarFunction): Converter {
  return elementwise((operator) => functionOf(by(operator)));
}

function elementwise(by: (operator: Operator) => Elementwise): Converter {
  return (operator) => operator.builder.unary(by(operator), operator.feature(0), operator.name);
}
