import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { Fields } from '../fields.js';
import type { Activation, ActivationFunction, ActivationRange, Operation, Pair } from '../graph.js';
import { nameIn, positive } from './description.js';
import { limits } from './limits.js';

/** The tensors of a weights file. */
export interface TensorSource {
  /** The tensor that a field names; undefined extents may be any. Throws ERR_NETWORK or ERR_WEIGHTS. */
  take(fields: Fields, field: string, shape: readonly (number | undefined)[]): Tensor;
}

/** Keeps a tensor under the node's name and the field's, and returns the whole name. */
export type TensorSink = (field: string, kept: Tensor) => string;

/** How an operation is read from a node of `network.json`, and how it is written there. */
interface OperationFormat<Kind extends Operation> {
  readonly read: (fields: Fields, tensors: TensorSource) => Kind;
  readonly write: (operation: Kind, keep: TensorSink) => object;
}

const formats: { readonly [Kind in Operation['kind']]: OperationFormat<Extract<Operation, { kind: Kind }>> } = {
  convolution: {
    read: (fields, tensors) => {
      const weight = tensors.take(fields, 'weight', [undefined, undefined, undefined, undefined]);
      const outputs = weight.shape[0]!;
      const groups = fields.wholeNumber('groups', 1, limits.extent);
      if (outputs % groups !== 0) {
        throw fields.error('groups', `a divisor of the ${outputs} outputs`);
      }
      return {
        kind: 'convolution',
        weight,
        bias: vector(fields, tensors, 'bias', outputs),
        stride: pair(fields, 'stride'),
        dilation: pair(fields, 'dilation'),
        groups,
        padding: readPadding(fields.fields('padding')),
      };
    },
    write: ({ weight, bias, stride, dilation, groups, padding }, keep) => ({
      weight: keep('weight', weight),
      bias: keep('bias', tensor([bias.length], bias)),
      stride,
      dilation,
      groups,
      padding,
    }),
  },
  'batch-normalization': {
    read: (fields, tensors) => {
      const scale = vector(fields, tensors, 'scale', undefined);
      return { kind: 'batch-normalization', scale, shift: vector(fields, tensors, 'shift', scale.length) };
    },
    write: ({ scale, shift }, keep) => ({
      scale: keep('scale', tensor([scale.length], scale)),
      shift: keep('shift', tensor([shift.length], shift)),
    }),
  },
  dense: {
    read: (fields, tensors) => {
      const weight = tensors.take(fields, 'weight', [undefined, undefined]);
      return { kind: 'dense', weight, bias: vector(fields, tensors, 'bias', weight.shape[0]) };
    },
    write: ({ weight, bias }, keep) => ({
      weight: keep('weight', weight),
      bias: keep('bias', tensor([bias.length], bias)),
    }),
  },
  'average-pool': {
    read: (fields) => ({ kind: 'average-pool', kernel: pair(fields, 'kernel'), stride: pair(fields, 'stride') }),
    write: ({ kernel, stride }) => ({ kernel, stride }),
  },
  upsample: {
    read: (fields) => ({ kind: 'upsample', factor: pair(fields, 'factor') }),
    write: ({ factor }) => ({ factor }),
  },
  add: { read: () => ({ kind: 'add' }), write: () => ({}) },
  concatenate: { read: () => ({ kind: 'concatenate' }), write: () => ({}) },
  activation: {
    read: (fields, tensors): Activation => ({
      kind: 'activation',
      function: readFunction(fields.fields('function'), tensors),
      range: fields.has('range') ? readRange(fields.fields('range')) : undefined,
    }),
    write: ({ function: by, range }, keep) => ({ function: writeFunction(by, keep), ...(range && { range }) }),
  },
};

const kinds = Object.keys(formats) as Operation['kind'][];

/** Reads the operation of a node. Throws ERR_NETWORK or ERR_WEIGHTS, naming file, node and field. */
export function readOperation(fields: Fields, tensors: TensorSource): Operation {
  return formats[fields.choice('kind', kinds)].read(fields, tensors);
}

/** The operation's fields, its tensors kept in `keep`. */
export function writeOperation(operation: Operation, keep: TensorSink): object {
  const { write } = formats[operation.kind] as OperationFormat<Operation>;
  return write(operation, keep);
}

function vector(fields: Fields, tensors: TensorSource, field: string, length: number | undefined): Float64Array {
  return tensors.take(fields, field, [length]).data;
}

function pair(fields: Fields, name: string): Pair {
  return fields.wholeNumbers(name, 2, 1, limits.extent) as [number, number];
}

function readPadding(fields: Fields) {
  const side = (name: string): number => fields.wholeNumber(name, 0, limits.extent);
  const padding = {
    top: side('top'),
    bottom: side('bottom'),
    left: side('left'),
    right: side('right'),
    width: fields.choice('width', ['zero', 'circular']),
  };
  fields.refuseOthers();
  return padding;
}

function readRange(fields: Fields): ActivationRange {
  const range = {
    max: positive(fields, 'max'),
    quantile9999: positive(fields, 'quantile9999'),
    bound: positive(fields, 'bound'),
  };
  fields.refuseOthers();
  return range;
}

type FunctionName = ActivationFunction['name'];

type FunctionReaders = {
  readonly [Name in FunctionName]: (
    fields: Fields,
    tensors: TensorSource,
  ) => Omit<Extract<ActivationFunction, { name: Name }>, 'name'>;
};

/** What each function has besides its name. */
const functionReaders: FunctionReaders = {
  relu: () => ({}),
  relu6: () => ({}),
  'leaky-relu': (fields) => ({ slope: fields.number('slope') }),
  elu: (fields) => ({ alpha: fields.number('alpha') }),
  sigmoid: () => ({}),
  'hard-sigmoid': () => ({}),
  tanh: () => ({}),
  gelu: (fields) => ({ approximation: fields.choice('approximation', ['none', 'tanh']) }),
  silu: () => ({}),
  'hard-swish': () => ({}),
  softplus: () => ({}),
  mish: () => ({}),
  quadratic: (fields, tensors) => {
    const a = vector(fields, tensors, 'a', undefined);
    return { a, b: vector(fields, tensors, 'b', a.length), k: vector(fields, tensors, 'k', a.length) };
  },
  polynomial: (fields, tensors) => ({
    coefficients: vector(fields, tensors, 'coefficients', undefined),
    bound: positive(fields, 'bound'),
  }),
};

function readFunction(fields: Fields, tensors: TensorSource): ActivationFunction {
  const name = fields.choice('name', Object.keys(functionReaders) as FunctionName[]);
  const by = { name, ...functionReaders[name](fields, tensors) } as ActivationFunction;
  fields.refuseOthers();
  return by;
}

function writeFunction(by: ActivationFunction, keep: TensorSink): object {
  const entries = Object.entries(by).map(([field, value]) => [
    field,
    value instanceof Float64Array ? keep(field, tensor([value.length], value)) : value,
  ]);
  return Object.fromEntries(entries);
}

/** The names of the values that a node reads. */
export function readInputNames(fields: Fields): string[] {
  const inputs = fields.texts('inputs');
  if (inputs.length > limits.values) {
    throw fields.error('inputs', `at most ${limits.values} names`);
  }
  return inputs;
}

/** A node's own name. */
export function readNodeName(fields: Fields): string {
  return nameIn(fields, 'name');
}
