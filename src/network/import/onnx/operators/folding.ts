import { elementCount } from '../../../../tensor/tensor.js';
import { wholeNumbers } from '../constant.js';
import type { Operator } from '../operator.js';
import { type Constant, countOf, type Value } from '../value.js';
import { broadcastIndex } from './channel-values.js';

/** Numbers of a folded tensor: exporters compute shapes, and transpose or scale weights. */
const mostElements = 2 ** 26;
const mostMade = 2 ** 20;

type Folding = (operator: Operator) => Constant;

/** What operators compute from numbers of the model alone. */
const foldings: Readonly<Record<string, Folding>> = {
  Add: (operator) => elementwise(operator, (x, y) => x + y),
  Sub: (operator) => elementwise(operator, (x, y) => x - y),
  Mul: (operator) => elementwise(operator, (x, y) => x * y),
  Div: (operator) => elementwise(operator, (x, y) => x / y),
  Pow: (operator) => elementwise(operator, (x, y) => x ** y),
  Mod: (operator) => elementwise(operator, (x, y) => x - y * Math.floor(x / y)),
  Max: (operator) => elementwise(operator, Math.max),
  Min: (operator) => elementwise(operator, Math.min),
  Equal: (operator) => elementwise(operator, (x, y) => (x === y ? 1 : 0)),
  Sqrt: (operator) => mapped(operator, Math.sqrt),
  Neg: (operator) => mapped(operator, (x) => -x),
  Abs: (operator) => mapped(operator, Math.abs),
  Exp: (operator) => mapped(operator, Math.exp),
  Floor: (operator) => mapped(operator, Math.floor),
  Ceil: (operator) => mapped(operator, Math.ceil),
  Reciprocal: (operator) => mapped(operator, (x) => 1 / x),
  Cast: cast,
  Transpose: transpose,
  Gather: gather,
  Slice: slice,
  Concat: concatenate,
  Expand: (operator) => {
    const { shape } = operator.constant(0);
    const asked = [...operator.constant(1).data];
    return filled(operator, broadcastShape(operator, shape, asked), operator.constant(0));
  },
  ConstantOfShape: (operator) => {
    const shape = [...operator.constant(0).data];
    const value = operator.tensor('value') ?? {
      kind: 'constant',
      shape: [1],
      data: Float64Array.of(0),
      integer: false,
    };
    return filled(operator, shape, { ...value, shape: [1] });
  },
  Range: (operator) => {
    const [start, limit, step] = [0, 1, 2].map((index) => operator.constant(index).data[0] ?? 0) as [
      number,
      number,
      number,
    ];
    const count = Math.max(0, Math.ceil((limit - start) / step));
    if (!(count <= mostMade)) {
      throw operator.refuse(`makes ${count} numbers, expected at most ${mostMade}`);
    }
    return wholeNumbers(Array.from({ length: count }, (_, index) => start + index * step));
  },
  Where: (operator) => {
    const [condition, left, right] = [0, 1, 2].map((index) => operator.constant(index)) as [
      Constant,
      Constant,
      Constant,
    ];
    if (condition.data.length !== left.data.length || left.data.length !== right.data.length) {
      throw operator.refuse('chooses among tensors of several extents, expected one');
    }
    return { ...left, data: left.data.map((value, index) => (condition.data[index] ? value : right.data[index]!)) };
  },
  Constant: (operator) => {
    const whole =
      operator.wholes('value_ints') ?? (operator.has('value_int') ? [operator.whole('value_int', 0)] : undefined);
    const real =
      operator.numbers('value_floats') ?? (operator.has('value_float') ? [operator.number('value_float', 0)] : []);
    const single = operator.has('value_int') || operator.has('value_float');
    const listed: Constant = { ...wholeNumbers(whole ?? real), integer: whole !== undefined };
    return operator.tensor('value') ?? (single ? { ...listed, shape: [] } : listed);
  },
};

/** Names of the operators that are computed where all their inputs are numbers. */
export const foldedOperators = Object.keys(foldings);

/** Whether an operator can be computed from numbers alone. */
export function isFoldable(type: string): boolean {
  return Object.hasOwn(foldings, type);
}

/** The result of an operator whose inputs are all numbers of the model. Throws ERR_NETWORK where they do not fit. */
export function foldedConstant(operator: Operator): Value {
  return foldings[operator.type]!(operator);
}

function mapped(operator: Operator, by: (x: number) => number): Constant {
  const value = operator.constant(0);
  return { ...value, data: value.data.map((x) => by(x)) };
}

function elementwise(operator: Operator, by: (x: number, y: number) => number): Constant {
  const left = operator.constant(0);
  const right = operator.constant(1);
  const shape = broadcastShape(operator, left.shape, right.shape);
  const count = checkedSize(operator, shape, mostElements);
  const extents = [left, right].map((value) => padded(value.shape, shape.length)) as [number[], number[]];
  const integer = left.integer && right.integer;
  const data = Float64Array.from({ length: count }, (_, index) => {
    const x = left.data[broadcastIndex(index, shape, extents[0])]!;
    const y = right.data[broadcastIndex(index, shape, extents[1])]!;
    return integer ? Math.trunc(by(x, y)) : by(x, y);
  });
  return { kind: 'constant', shape, data, integer };
}

function padded(shape: readonly number[], rank: number): number[] {
  return [...new Array<number>(rank - shape.length).fill(1), ...shape];
}

function broadcastShape(operator: Operator, left: readonly number[], right: readonly number[]): number[] {
  const rank = Math.max(left.length, right.length);
  const others = padded(right, rank);
  return padded(left, rank).map((extent, axis) => {
    const other = others[axis]!;
    if (extent !== other && extent !== 1 && other !== 1) {
      throw operator.refuse(`joins extents [${left.join(', ')}] and [${right.join(', ')}], which do not fit`);
    }
    return extent === 1 ? other : extent;
  });
}

function checkedSize(operator: Operator, shape: readonly number[], most: number): number {
  const count = countOf(shape, most);
  if (count === undefined) {
    throw operator.refuse(
      `makes a tensor of extents [${shape.slice(0, 8).join(', ')}], expected at most ${most} numbers`,
    );
  }
  return count;
}

/** A value repeated along axes of extent 1. */
function filled(operator: Operator, shape: readonly number[], value: Constant): Constant {
  const count = checkedSize(operator, shape, mostMade);
  const extents = padded(value.shape.length > shape.length ? [1] : value.shape, shape.length);
  const data = Float64Array.from({ length: count }, (_, index) => value.data[broadcastIndex(index, shape, extents)]!);
  return { ...value, shape, data };
}

/** onnx.proto, TensorProto.DataType: the types of whole numbers. */
const wholeTypes = [2, 3, 4, 5, 6, 7, 9, 12, 13];

function cast(operator: Operator): Constant {
  const value = operator.constant(0);
  const integer = wholeTypes.includes(operator.whole('to', 1));
  return { ...value, integer, data: integer ? value.data.map(Math.trunc) : value.data };
}

function transpose(operator: Operator): Constant {
  const value = operator.constant(0);
  const permutation = operator.wholes('perm') ?? value.shape.map((_, axis) => value.shape.length - 1 - axis);
  const shape = permutation.map((axis) => value.shape[axis] ?? Number.NaN);
  if (checkedSize(operator, shape, mostElements) !== value.data.length) {
    throw operator.refuse(`has the permutation ${permutation.slice(0, 8).join(', ')} of ${value.shape.length} axes`);
  }
  const strides = value.shape.map((_, axis) => elementCount(value.shape.slice(axis + 1)));
  const data = Float64Array.from({ length: value.data.length }, (_, index) => {
    let rest = index;
    let from = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += (rest % shape[axis]!) * strides[permutation[axis]!]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return value.data[from]!;
  });
  return { ...value, shape, data };
}

function gather(operator: Operator): Constant {
  const value = operator.constant(0);
  const indices = operator.constant(1);
  if (value.shape.length !== 1) {
    throw operator.refuse(`takes entries of a tensor of extents [${value.shape.join(', ')}], expected a list`);
  }
  const data = indices.data.map((index) => value.data[index < 0 ? index + value.data.length : index] ?? Number.NaN);
  if (data.some(Number.isNaN)) {
    throw operator.refuse(`takes entries beyond the ${value.data.length} that there are`);
  }
  return { ...value, shape: indices.shape, data };
}

/** Numpy's slices, the axes and steps that ONNX's Slice names; reads the attributes of older operator sets too. */
function slice(operator: Operator): Constant {
  const value = operator.constant(0);
  const given = (attribute: string, index: number): number[] | undefined =>
    operator.wholes(attribute) ?? (operator.inputs[index] && [...operator.constant(index).data]);
  const starts = given('starts', 1) ?? [];
  const ends = given('ends', 2) ?? [];
  const axes = given('axes', 3) ?? starts.map((_, axis) => axis);
  const places = value.shape.map((extent) => Array.from({ length: extent }, (_, place) => place));
  for (const [index, given] of axes.entries()) {
    const axis = given < 0 ? given + value.shape.length : given;
    const extent = value.shape[axis];
    const step = operator.optionalConstant(4)?.data[index] ?? 1;
    if (extent === undefined || step === 0 || !Number.isInteger(step)) {
      throw operator.refuse(`takes a part along axis ${given} of ${value.shape.length}, with step ${step}`);
    }
    const clamp = (place: number): number =>
      Math.min(step > 0 ? extent : extent - 1, Math.max(step > 0 ? 0 : -1, place < 0 ? place + extent : place));
    const end = clamp(ends[index] ?? 0);
    const taken: number[] = [];
    for (let place = clamp(starts[index] ?? 0); step > 0 ? place < end : place > end; place += step) {
      taken.push(place);
    }
    places[axis] = taken;
  }
  const shape = places.map(({ length }) => length);
  const data = Float64Array.from({ length: elementCount(shape) }, (_, index) => {
    let rest = index;
    let stride = 1;
    let from = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += places[axis]![rest % shape[axis]!]! * stride;
      rest = Math.floor(rest / shape[axis]!);
      stride *= value.shape[axis]!;
    }
    return value.data[from]!;
  });
  return { ...value, shape, data };
}

function concatenate(operator: Operator): Constant {
  const parts = operator.inputs.map((_, index) => operator.constant(index));
  if (!parts.every(({ shape }) => shape.length === 1)) {
    throw operator.refuse('joins numbers of the model of more than one axis, expected lists');
  }
  const data = Float64Array.from(parts.flatMap((part) => [...part.data]));
  checkedSize(operator, [data.length], mostMade);
  return { kind: 'constant', shape: [data.length], data, integer: parts.every(({ integer }) => integer) };
}
