import { elementCount, tensor } from '../../../../tensor/tensor.js';
import { positionsOf } from '../graph-builder.js';
import type { Converter, Operator } from '../operator.js';
import type { Constant, Feature, Value } from '../value.js';

export const denseOperators: Readonly<Record<string, Converter>> = {
  Gemm: (operator) => {
    const input = operator.feature(0);
    const weight = operator.constant(1);
    if (operator.whole('transA', 0) !== 0) {
      throw operator.refuse('transposes its feature map (transA), expected 0');
    }
    const alpha = operator.number('alpha', 1);
    const beta = operator.number('beta', 1);
    const bias = operator.optionalConstant(2);
    return dense(operator, input, weight, operator.whole('transB', 0) === 1, alpha, bias, beta);
  },
  MatMul: (operator) => {
    if (operator.inputs[0]?.kind === 'feature' && operator.inputs[1]?.kind === 'feature') {
      throw operator.refuse(
        'multiplies two feature maps, as attention does; only matrices of the model can be multiplied with one',
      );
    }
    return dense(operator, operator.feature(0), operator.constant(1), false, 1, undefined, 1);
  },
};

/** alpha x weight + beta bias for one row x; weights [inputs, outputs], or [outputs, inputs] where they are transposed. */
function dense(
  operator: Operator,
  input: Feature,
  weight: Constant,
  transposed: boolean,
  alpha: number,
  bias: Constant | undefined,
  beta: number,
): Value {
  const count = elementCount(input.shape);
  const [inputs, outputs] = (transposed ? weight.shape.toReversed() : weight.shape) as [number, number];
  if (input.dims.at(-1) !== count) {
    throw operator.refuse(
      `reads a tensor of extents [${input.dims.join(', ')}], expected one row [1, ${count}]; put a Flatten before it`,
    );
  }
  if (weight.shape.length !== 2 || inputs !== count || outputs === 0) {
    throw operator.refuse(`has weights of extents [${weight.shape.join(', ')}], which do not fit ${count} values`);
  }
  const values = bias === undefined ? [0] : bias.data;
  if (values.length !== 1 && values.length !== outputs) {
    throw operator.refuse(`has ${values.length} biases, expected ${outputs}`);
  }
  const positions = positionsOf(input);
  const result = tensor([outputs, count]);
  for (let output = 0; output < outputs; output++) {
    for (let index = 0; index < count; index++) {
      const from = transposed ? output * count + index : index * outputs + output;
      result.data[output * count + positions[index]!] = alpha * weight.data[from]!;
    }
  }
  const { builder, name } = operator;
  const expression = builder.emit(
    {
      kind: 'dense',
      weight: result,
      bias: Float64Array.from({ length: outputs }, (_, output) => beta * values[output % values.length]!),
    },
    [builder.valueOf(input)],
    name,
  );
  return builder.feature(expression, () => [...input.dims.slice(0, -1), outputs]);
}
