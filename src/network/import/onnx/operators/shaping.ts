import { elementCount } from '../../../../tensor/tensor.js';
import { wholeNumbers } from '../constant.js';
import type { Converter, Operator } from '../operator.js';
import { countOf, type Feature, isGrid, isPlain, mostElements, type Value } from '../value.js';
import { foldedConstant } from './folding.js';

/** Operators that leave the numbers where they are and give them other extents. */
export const shapingOperators: Readonly<Record<string, Converter>> = {
  Identity: (operator) => passed(operator),
  Dropout: (operator) => passed(operator),
  Cast: (operator) => passed(operator),
  Flatten: (operator) => {
    const { dims } = operator.feature(0);
    const axis = axisOf(operator, operator.whole('axis', 1), dims.length + 1);
    return reshaped(operator, [elementCount(dims.slice(0, axis)), elementCount(dims.slice(axis))]);
  },
  Reshape: (operator) => {
    const asked = [...operator.constant(1).data];
    const current =
      (operator.inputs[0] as Value).kind === 'feature' ? operator.feature(0).dims : operator.constant(0).shape;
    const kept =
      operator.whole('allowzero', 0) === 1 ? asked : asked.map((extent, axis) => extent || current[axis] || 0);
    const known = elementCount(kept.filter((extent) => extent !== -1));
    const free = elementCount(current) / known;
    return reshaped(
      operator,
      kept.map((extent) => (extent === -1 ? free : extent)),
    );
  },
  Squeeze: (operator) => {
    const current = extentsOf(operator);
    const axes = axesOf(operator)?.map((axis) => axisOf(operator, axis, current.length));
    return reshaped(
      operator,
      current.filter((extent, axis) => (axes === undefined ? extent !== 1 : !axes.includes(axis))),
    );
  },
  Unsqueeze: (operator) => {
    const current = [...extentsOf(operator)];
    const given = axesOf(operator) ?? [];
    const axes = given.map((axis) => axisOf(operator, axis, current.length + given.length));
    for (const axis of axes.toSorted((a, b) => a - b)) {
      current.splice(axis, 0, 1);
    }
    return reshaped(operator, current);
  },
  Transpose: transpose,
  Shape: (operator) => {
    const dims = extentsOf(operator);
    return wholeNumbers(dims.slice(operator.whole('start', 0), operator.whole('end', dims.length)));
  },
  Pad: pad,
  Concat: concatenate,
};

function passed(operator: Operator): Value {
  const [value] = operator.inputs;
  if (value === undefined) {
    throw operator.refuse('must have an input');
  }
  return value;
}

function extentsOf(operator: Operator): readonly number[] {
  const value = passed(operator);
  return value.kind === 'feature' ? operator.feature(0).dims : value.shape;
}

/** Attribute of older operator sets, second input of newer ones. */
function axesOf(operator: Operator): number[] | undefined {
  const given = operator.optionalConstant(1);
  return operator.wholes('axes') ?? (given && [...given.data]);
}

function axisOf(operator: Operator, axis: number, rank: number): number {
  const result = axis < 0 ? axis + rank : axis;
  if (!(result >= 0 && result < rank)) {
    throw operator.refuse(`names axis ${axis} of ${rank}`);
  }
  return result;
}

function reshaped(operator: Operator, dims: readonly number[]): Value {
  const value = passed(operator);
  const count = elementCount(extentsOf(operator));
  if (countOf(dims, mostElements) !== count) {
    throw operator.refuse(`gives ${count} numbers the extents [${dims.slice(0, 8).join(', ')}]`);
  }
  if (value.kind === 'constant') {
    return { ...value, shape: dims };
  }
  if (dims.length > 1 && dims[0] !== 1) {
    throw operator.refuse(
      `gives the extents [${dims.join(', ')}], whose first is no batch of one; export the model for one picture at a time`,
    );
  }
  return { ...value, dims };
}

/** Of feature maps: between channels first and channels last, and where axes of extent 1 alone move. */
function transpose(operator: Operator): Value {
  const value = passed(operator);
  const extents = extentsOf(operator);
  const permutation = operator.wholes('perm') ?? extents.map((_, axis) => extents.length - 1 - axis);
  if (
    permutation.toSorted((a, b) => a - b).some((axis, index) => axis !== index) ||
    permutation.length !== extents.length
  ) {
    throw operator.refuse(`has the permutation ${permutation.slice(0, 8).join(', ')} of ${extents.length} axes`);
  }
  if (value.kind === 'constant') {
    return foldedConstant(operator);
  }
  const dims = permutation.map((axis) => extents[axis]!);
  const moving = permutation.filter((axis) => extents[axis] !== 1);
  if (moving.every((axis, index) => index === 0 || axis > moving[index - 1]!)) {
    return { ...value, dims };
  }
  const { shape, order } = value;
  const asOrdered = extents.length === 4 && order.every((axis, index) => shape[axis] === extents[index + 1]);
  if (!asOrdered || permutation[0] !== 0) {
    throw operator.refuse(
      `moves the axes of extents [${extents.join(', ')}] to [${dims.join(', ')}]; only channels first and channels last ` +
        'are exchanged, before anything is flattened',
    );
  }
  const [first, second, third] = permutation.slice(1).map((axis) => order[axis - 1]!) as [number, number, number];
  return { ...value, dims, order: [first, second, third] };
}

/** Zeros around a feature map, which the convolution behind it reads. */
function pad(operator: Operator): Feature {
  const feature = operator.gridWithBorder(0);
  const pads = operator.wholes('pads') ?? [...operator.constant(1).data];
  const given = operator.optionalConstant(3);
  const axes = given === undefined ? [0, 1, 2, 3] : [...given.data].map((axis) => axisOf(operator, axis, 4));
  const value = operator.optionalConstant(2)?.data[0] ?? operator.number('value', 0);
  const mode = operator.text('mode', 'constant');
  if (mode !== 'constant' || value !== 0) {
    throw operator.refuse(`fills with ${mode === 'constant' ? value : `mode ${mode}`}; only zeros can be added`);
  }
  const before = [0, 0, 0, 0];
  const behind = [0, 0, 0, 0];
  for (const [index, axis] of axes.entries()) {
    before[axis] = pads[index] ?? Number.NaN;
    behind[axis] = pads[index + axes.length] ?? Number.NaN;
  }
  const [imagesBefore, channelsBefore, top, left] = before as [number, number, number, number];
  const [imagesBehind, channelsBehind, bottom, right] = behind as [number, number, number, number];
  const sides = [top, left, bottom, right];
  if (
    imagesBefore + imagesBehind + channelsBefore + channelsBehind !== 0 ||
    pads.length !== 2 * axes.length ||
    !sides.every((side) => Number.isInteger(side) && side >= 0 && side <= 2 ** 16)
  ) {
    throw operator.refuse(
      `has pads ${pads.slice(0, 8).join(', ')}; only rows and columns can be added, none taken away`,
    );
  }
  const { border = { top: 0, bottom: 0, left: 0, right: 0 } } = feature;
  return sides.every((side) => side === 0)
    ? feature
    : {
        ...feature,
        border: {
          top: border.top + top,
          bottom: border.bottom + bottom,
          left: border.left + left,
          right: border.right + right,
        },
      };
}

function concatenate(operator: Operator): Value {
  if (operator.inputs.every((value) => value?.kind === 'constant')) {
    return foldedConstant(operator);
  }
  const parts = operator.inputs.map((_, index) => operator.feature(index));
  const [first] = parts as [Feature];
  if (parts.length === 1) {
    return first;
  }
  const axis = axisOf(operator, operator.whole('axis', 1), first.dims.length);
  const channelAxis = parts.every(
    (part) =>
      (isGrid(part) && axis === 1) ||
      (isPlain(part) && part.dims[axis] === part.shape[0] && part.shape[1] * part.shape[2] === 1),
  );
  if (!channelAxis) {
    throw operator.refuse(
      `joins tensors of extents ${parts
        .slice(0, 4)
        .map(({ dims }) => `[${dims.join(', ')}]`)
        .join(', ')} along axis ${axis}; only channels can be joined, before anything is flattened`,
    );
  }
  const { builder, name } = operator;
  const inputs = parts.map((part, _index) => builder.valueOf(part));
  const result = builder.feature(builder.emit({ kind: 'concatenate' }, inputs, name));
  return { ...result, dims: first.dims.map((extent, index) => (index === axis ? result.shape[0] : extent)) };
}
