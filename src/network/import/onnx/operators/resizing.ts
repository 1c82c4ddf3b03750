import type { Pair } from '../../../graph.js';
import type { Converter, Operator } from '../operator.js';
import type { Value } from '../value.js';

export const resizingOperators: Readonly<Record<string, Converter>> = {
  Resize: (operator) => {
    const sizes = operator.optionalConstant(3)?.data;
    const scales = operator.optionalConstant(operator.inputs.length > 2 ? 2 : 1)?.data;
    const { dims } = operator.grid(0);
    const factors = sizes?.length === 4 ? [...sizes].map((size, axis) => size / dims[axis]!) : [...(scales ?? [])];
    return resize(operator, factors);
  },
  Upsample: (operator) =>
    resize(operator, operator.numbers('scales') ?? [...(operator.optionalConstant(1)?.data ?? [])]),
};

/** Nearest neighbours whose places are those of every element repeated. */
function resize(operator: Operator, factors: readonly number[]): Value {
  const input = operator.grid(0);
  const mode = operator.text('mode', 'nearest');
  if (mode !== 'nearest') {
    throw operator.refuse(`interpolates (${mode}); use mode nearest, or a convolution behind it that smooths`);
  }
  const [images, channels, height = 0, width = 0] = factors;
  const whole = [height, width].every((factor) => Number.isInteger(factor) && factor >= 1 && factor <= 2 ** 10);
  if (factors.length !== 4 || images !== 1 || channels !== 1 || !whole) {
    throw operator.refuse(
      `enlarges by [${factors.slice(0, 8).join(', ')}], expected [1, 1, rows, columns] with whole numbers; ` +
        'AveragePool makes pictures smaller',
    );
  }
  const factor: Pair = [height, width];
  if (!([0, 1] as const).every((axis) => repeats(operator, factor[axis], input.shape[axis + 1]!))) {
    throw operator.refuse(
      'takes other neighbours than those of every element repeated; use coordinate_transformation_mode asymmetric ' +
        'with nearest_mode floor, as PyTorch exports mode="nearest"',
    );
  }
  if (height * width === 1) {
    return input;
  }
  const { builder, name } = operator;
  return builder.feature(builder.emit({ kind: 'upsample', factor }, [builder.valueOf(input)], name));
}

/** Whether output x is input floor(x / factor), by the attributes of ONNX's Resize; Upsample has the defaults given here. */
function repeats(operator: Operator, factor: number, extent: number): boolean {
  const upsample = operator.type === 'Upsample';
  const transformation = operator.text('coordinate_transformation_mode', upsample ? 'asymmetric' : 'half_pixel');
  const nearest = operator.text('nearest_mode', upsample ? 'floor' : 'round_prefer_floor');
  const output = extent * factor;
  const toInput: Readonly<Record<string, (x: number) => number>> = {
    asymmetric: (x) => x / factor,
    half_pixel: (x) => (x + 0.5) / factor - 0.5,
    half_pixel_symmetric: (x) => (x + 0.5) / factor - 0.5,
    pytorch_half_pixel: (x) => (output > 1 ? (x + 0.5) / factor - 0.5 : 0),
    align_corners: (x) => (output > 1 ? (x * (extent - 1)) / (output - 1) : 0),
  };
  const round: Readonly<Record<string, (x: number) => number>> = {
    floor: Math.floor,
    ceil: Math.ceil,
    round_prefer_floor: (x) => Math.ceil(x - 0.5),
    round_prefer_ceil: (x) => Math.floor(x + 0.5),
  };
  const place = toInput[transformation];
  const whole = round[nearest];
  if (place === undefined || whole === undefined) {
    return false;
  }
  for (let x = 0; x < output; x++) {
    if (Math.min(extent - 1, Math.max(0, whole(place(x)))) !== Math.floor(x / factor)) {
      return false;
    }
  }
  return true;
}
