import { type BinaryOperator, binaryFunctions, valueExpression } from '../expression.js';
import { sameLayout } from '../graph-builder.js';
import type { Converter, Operator } from '../operator.js';
import type { Feature, Value } from '../value.js';
import { channelValues } from './channel-values.js';

export const arithmeticOperators: Readonly<Record<string, Converter>> = {
  Add: (operator) => binary(operator, 'add'),
  Sub: (operator) => binary(operator, 'subtract'),
  Mul: (operator) => binary(operator, 'multiply'),
  Div: (operator) => binary(operator, 'divide'),
  Sum: (operator) => {
    const [first, ...others] = operator.inputs.map((_, index) => operator.feature(index));
    return others.reduce((sum, next) => join(operator, 'add', sum, next), first!);
  },
  Pow: (operator) => {
    const exponents = channelValues(operator, operator.feature(0), operator.constant(1));
    return operator.builder.unary(
      (x, channel) => x ** exponents[channel % exponents.length]!,
      operator.feature(0),
      operator.name,
    );
  },
  Max: (operator) => limited(operator, Math.max),
  Min: (operator) => limited(operator, Math.min),
};

function binary(operator: Operator, by: BinaryOperator): Value {
  const [left, right] = operator.inputs;
  const join2 = binaryFunctions[by];
  if (left?.kind === 'feature' && right?.kind === 'constant') {
    const values = channelValues(operator, left, right);
    return operator.builder.unary((x, channel) => join2(x, values[channel % values.length]!), left, operator.name);
  }
  if (left?.kind === 'constant' && right?.kind === 'feature') {
    const values = channelValues(operator, right, left);
    return operator.builder.unary((x, channel) => join2(values[channel % values.length]!, x), right, operator.name);
  }
  return join(operator, by, operator.feature(0), operator.feature(1));
}

function join(operator: Operator, by: BinaryOperator, left: Feature, right: Feature): Feature {
  const { builder, name } = operator;
  if (!sameLayout(left, right)) {
    throw operator.refuse(
      `joins tensors of extents [${left.dims.join(', ')}] and [${right.dims.join(', ')}], expected two alike; ` +
        'only numbers of the model are repeated along axes',
    );
  }
  if (left.expression.source === right.expression.source) {
    return builder.binary(by, left, right, name);
  }
  const held = [builder.valueOf(left), builder.valueOf(right)] as const;
  if (by === 'add' || by === 'subtract') {
    return { ...left, expression: valueExpression(builder.sum(...held, by === 'subtract', name)) };
  }
  throw operator.refuse(
    `${by === 'multiply' ? 'multiplies' : 'divides'} two feature maps, as gates and squeeze-and-excitation do; ` +
      'use a sum, or leave the gate out and train again',
  );
}

function limited(operator: Operator, by: (x: number, y: number) => number): Value {
  const index = operator.inputs[0]?.kind === 'feature' ? 0 : 1;
  const feature = operator.feature(index);
  const values = channelValues(operator, feature, operator.constant(1 - index));
  return operator.builder.unary((x, channel) => by(x, values[channel % values.length]!), feature, operator.name);
}
