import { tensor } from '../../../../tensor/tensor.js';
import type { Converter, Operator } from '../operator.js';
import { type Feature, isGrid, type Value } from '../value.js';
import { windowOf } from './convolution.js';

export const poolingOperators: Readonly<Record<string, Converter>> = {
  AveragePool: averagePool,
  GlobalAveragePool: (operator) => globalMean(operator, operator.grid(0), true),
  ReduceMean: (operator) => {
    const input = operator.grid(0);
    const given = operator.wholes('axes') ?? (operator.inputs[1] && [...operator.constant(1).data]) ?? [];
    const axes = given.map((axis) => (axis < 0 ? axis + input.dims.length : axis)).toSorted((a, b) => a - b);
    if (axes.join() !== '2,3') {
      throw operator.refuse(`takes means over the axes ${given.join(', ') || 'all'}, expected height and width: 2, 3`);
    }
    return globalMean(operator, input, operator.whole('keepdims', 1) === 1);
  },
};

function averagePool(operator: Operator): Value {
  const input = operator.gridWithBorder(0);
  const kernel = operator.wholes('kernel_shape') ?? [];
  const [height, width] = kernel as [number, number];
  if (kernel.length !== 2 || !kernel.every((extent) => extent >= 1 && extent <= 2 ** 16)) {
    throw operator.refuse(
      `has the kernel ${kernel.slice(0, 8).join(' x ')}, expected two numbers from 1 to ${2 ** 16}`,
    );
  }
  const { stride, dilation, border } = windowOf(operator, input, [height, width]);
  const sides = [border.top + border.bottom, border.left + border.right];
  const padded = sides.some((side) => side > 0);
  if (padded && input.border === undefined && operator.whole('count_include_pad', 0) === 0) {
    throw operator.refuse(
      'averages fewer values at the borders than inside; export it with count_include_pad=True, or without padding',
    );
  }
  if (operator.whole('ceil_mode', 0) === 1) {
    const overhangs = ([0, 1] as const).some(
      (axis) => (input.shape[axis + 1]! + sides[axis]! - (kernel[axis]! - 1) * dilation[axis] - 1) % stride[axis] !== 0,
    );
    if (overhangs) {
      throw operator.refuse('has windows that reach beyond the border (ceil_mode); use ceil_mode=False');
    }
  }
  const source = operator.builder.valueOf(input);
  if (!padded && dilation[0] === 1 && dilation[1] === 1) {
    return operator.builder.feature(
      operator.builder.emit({ kind: 'average-pool', kernel: [height, width], stride }, [source], operator.name),
    );
  }
  const [channels] = input.shape;
  const count = height * width;
  const expression = operator.builder.emit(
    {
      kind: 'convolution',
      weight: tensor([channels, 1, height, width], new Float64Array(channels * count).fill(1 / count)),
      bias: new Float64Array(channels),
      stride,
      dilation,
      groups: channels,
      padding: { ...border, width: 'zero' },
    },
    [source],
    operator.name,
  );
  return operator.builder.feature(expression);
}

function globalMean(operator: Operator, input: Feature, keepAxes: boolean): Value {
  const [channels, height, width] = input.shape;
  const dims = keepAxes ? [1, channels, 1, 1] : [1, channels];
  if (height * width === 1 && isGrid(input)) {
    return { ...input, dims };
  }
  const { builder, name } = operator;
  const source = builder.valueOf(input);
  const pool = { kind: 'average-pool', kernel: [height, width], stride: [height, width] } as const;
  return builder.feature(builder.emit(pool, [source], name), () => dims);
}
