import { tensor } from '../../../../tensor/tensor.js';
import type { Pair, Shape } from '../../../graph.js';
import type { Converter, Operator } from '../operator.js';
import type { Feature, ZeroBorder } from '../value.js';

export const convolutionOperators: Readonly<Record<string, Converter>> = {
  Conv: (operator) => {
    const input = operator.gridWithBorder(0);
    const weight = operator.constant(1);
    const bias = operator.optionalConstant(2);
    const groups = operator.whole('group', 1);
    if (weight.shape.length !== 4 || weight.shape.includes(0)) {
      throw operator.refuse(`has weights of extents [${weight.shape.join(', ')}], expected those of a 2-D convolution`);
    }
    const [outputs, , height, width] = weight.shape as [number, number, number, number];
    if (groups < 1 || outputs % groups !== 0 || weight.shape[1]! * groups !== input.shape[0]) {
      throw operator.refuse(
        `has weights [${weight.shape.join(', ')}] in ${groups} groups, which do not fit ${input.shape[0]} channels`,
      );
    }
    if (bias !== undefined && bias.data.length !== outputs) {
      throw operator.refuse(`has ${bias.data.length} biases, expected ${outputs}`);
    }
    const { stride, dilation, border } = windowOf(operator, input, [height, width]);
    const expression = operator.builder.emit(
      {
        kind: 'convolution',
        weight: tensor(weight.shape, weight.data),
        bias: bias?.data ?? new Float64Array(outputs),
        stride,
        dilation,
        groups,
        padding: { ...border, width: 'zero' },
      },
      [operator.builder.valueOf(input)],
      operator.name,
    );
    return operator.builder.feature(expression);
  },
};

/** How a kernel goes over a feature map, the border that a Pad has added included. */
export interface Window {
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly border: ZeroBorder;
}

/** Attributes strides, dilations, pads and auto_pad of convolutions and pools. */
export function windowOf(operator: Operator, input: Feature, kernel: Pair): Window {
  const pair = (attribute: string): Pair => {
    const [height = 1, width = 1, ...others] = operator.wholes(attribute) ?? [1, 1];
    if (others.length > 0 || !(height >= 1 && width >= 1 && Math.max(height, width) <= 2 ** 16)) {
      throw operator.refuse(`has ${attribute} ${height}, ${width}, expected two numbers from 1 to ${2 ** 16}`);
    }
    return [height, width];
  };
  const stride = pair('strides');
  const dilation = pair('dilations');
  const own = ownBorder(operator, input.shape, kernel, stride, dilation);
  const { top, bottom, left, right } = input.border ?? noBorder;
  const border = { top: own.top + top, bottom: own.bottom + bottom, left: own.left + left, right: own.right + right };
  return { stride, dilation, border };
}

export const noBorder: ZeroBorder = { top: 0, bottom: 0, left: 0, right: 0 };

function ownBorder(operator: Operator, shape: Shape, kernel: Pair, stride: Pair, dilation: Pair): ZeroBorder {
  const automatic = operator.text('auto_pad', 'NOTSET');
  switch (automatic) {
    case 'NOTSET':
    case 'VALID': {
      const pads = operator.wholes('pads') ?? [0, 0, 0, 0];
      const [top = 0, left = 0, bottom = 0, right = 0] = automatic === 'VALID' ? [] : pads;
      if (pads.length !== 4 || !pads.every((pad) => pad >= 0 && pad <= 2 ** 16)) {
        throw operator.refuse(`has pads ${pads.slice(0, 8).join(', ')}, expected four numbers from 0 to ${2 ** 16}`);
      }
      return { top, left, bottom, right };
    }
    case 'SAME_UPPER':
    case 'SAME_LOWER': {
      const sides = ([0, 1] as const).map((axis) => {
        const extent = shape[axis + 1]!;
        const steps = Math.ceil(extent / stride[axis]) - 1;
        const total = Math.max(0, steps * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1 - extent);
        const less = Math.floor(total / 2);
        return automatic === 'SAME_UPPER' ? [less, total - less] : [total - less, less];
      });
      const [[top, bottom], [left, right]] = sides as [[number, number], [number, number]];
      return { top, bottom, left, right };
    }
    default:
      throw operator.refuse(`has auto_pad ${automatic}, expected NOTSET, VALID, SAME_UPPER or SAME_LOWER`);
  }
}
