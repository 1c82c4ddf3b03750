import { FheError } from '../../../errors.js';
import { shown } from '../../../shown-text.js';
import { isColour } from '../../folder/description.js';
import { limits } from '../../folder/limits.js';
import type { Graph, GraphInput, GraphOutput, Node, Shape } from '../../graph.js';
import { readConstant } from './constant.js';
import type { GraphProto, NodeProto, ValueInfoProto } from './generated/onnx_pb.js';
import { GraphBuilder } from './graph-builder.js';
import { networkName, type OnnxModel } from './model.js';
import { Operator } from './operator.js';
import { convert } from './operators/registry.js';
import { countOf, type Feature, plainOrder, type Value } from './value.js';

export interface OnnxImportOptions {
  /** Channels, height and width, where the model leaves them open. */
  readonly shape?: Shape | undefined;
  /** Per channel or one for all, of pixels divided by 255; undefined: 0 and 1. */
  readonly mean?: readonly number[] | undefined;
  readonly deviation?: readonly number[] | undefined;
  /** Names of the scores; undefined: `class 0` and so on. */
  readonly classes?: readonly string[] | undefined;
}

export interface ImportedModel {
  readonly graph: Graph;
  /** What a user should know: what was left to the client, for example. */
  readonly notices: readonly string[];
}

/** Operators at the end of a network that whoever decrypts can apply. */
const clientOperators = ['Softmax', 'LogSoftmax', 'ArgMax', 'Clip'];

/**
 * A graph that computes what an ONNX model does, for one picture. Throws ERR_NETWORK, naming file and operator, for what a
 * graph can't compute, and ERR_USAGE for options that do not fit the model.
 */
export function importOnnx(model: OnnxModel, options: OnnxImportOptions = {}): ImportedModel {
  return new OnnxImport(model, options).run();
}

class OnnxImport {
  readonly #model: OnnxModel;
  readonly #options: OnnxImportOptions;
  readonly #builder: GraphBuilder;
  readonly #values = new Map<string, Value>();
  readonly #notices: string[] = [];

  constructor(model: OnnxModel, options: OnnxImportOptions) {
    this.#model = model;
    this.#options = options;
    this.#builder = new GraphBuilder(model.file);
  }

  run(): ImportedModel {
    const { file, graph, external } = this.#model;
    const producers = producersOf(graph, file);
    const output = this.#outputWithoutClientOperators(producers);
    const initializers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
    const input = this.#input(initializers);
    for (const proto of neededInOrder(output, producers, file)) {
      const inputs = proto.input.map((name): Value | undefined => {
        const initializer = initializers.get(name);
        if (initializer !== undefined && !this.#values.has(name)) {
          this.#values.set(name, readConstant(initializer, file, external));
        }
        return name === '' ? undefined : this.#valueOf(name, proto);
      });
      const operator = new Operator(proto, inputs, this.#builder, file);
      this.#values.set(proto.output[0]!, convert(operator, proto.domain));
    }
    const result = this.#values.get(output);
    if (result?.kind !== 'feature') {
      throw this.#refused(`its output ${shown(output)} does not depend on its input`);
    }
    const last = this.#builder.valueOf(result);
    if (last === input.name) {
      throw this.#refused('its output is its input');
    }
    const nodes = readNodes(this.#builder.nodes, last);
    return {
      graph: {
        name: networkName(file),
        inputs: [input],
        nodes,
        outputs: [this.#output(last, result.shape, input)],
        weightsHash: '',
      },
      notices: this.#notices,
    };
  }

  #valueOf(name: string, { opType, name: operator }: NodeProto): Value {
    const value = this.#values.get(name);
    if (value === undefined) {
      throw this.#refused(`${shown(operator)} (${shown(opType)}) reads ${shown(name)}, which nothing gives`);
    }
    return value;
  }

  /** The name of the value to compute: that of the output, before operators that are left to the client. */
  #outputWithoutClientOperators(producers: ReadonlyMap<string, NodeProto>): string {
    const { graph } = this.#model;
    const [first, second] = graph.output;
    if (first === undefined || second !== undefined) {
      const names = graph.output.slice(0, 8).map(({ name }) => shown(name));
      throw this.#refused(`it has the outputs ${names.join(', ')}, expected one; export the model with one`);
    }
    let { name } = first;
    for (let last = producers.get(name); last !== undefined; last = producers.get(name)) {
      if (clientOperators.includes(last.opType)) {
        this.#notices.push(`${shown(last.name)} (${last.opType}) at the end is left to whoever decrypts the result`);
      } else if (last.opType !== 'Identity' && last.opType !== 'Cast') {
        break;
      }
      name = last.input[0] ?? '';
      if (this.#notices.length > clientOperators.length) {
        break;
      }
    }
    return name;
  }

  #input(initializers: ReadonlyMap<string, unknown>): GraphInput {
    const inputs = this.#model.graph.input.filter(({ name }) => !initializers.has(name));
    const [first, second] = inputs;
    if (first === undefined || second !== undefined) {
      const names = inputs.slice(0, 8).map(({ name }) => shown(name));
      throw this.#refused(`it has the inputs ${names.join(', ') || 'none'}, expected one`);
    }
    const { dims, shape, order } = this.#inputExtents(first);
    const name = this.#builder.unusedName(first.name);
    this.#values.set(first.name, this.#builder.input(name, shape, dims, order));
    const kind = isColour(shape) && shape[1] * shape[2] > 1 ? 'picture' : 'values';
    return { name, shape, kind, ...this.#normalization(shape[0]) };
  }

  #inputExtents(input: ValueInfoProto): Pick<Feature, 'dims' | 'shape' | 'order'> {
    const type = input.type?.value;
    const found = type?.case === 'tensorType' ? (type.value.shape?.dim ?? []) : [];
    const written = found.map(({ value }) => (value.case === 'dimValue' ? Number(value.value) : undefined));
    const { shape: given } = this.#options;
    const text = written.map((extent) => extent ?? '?').join(', ');
    if (written.length !== 2 && written.length !== 4) {
      throw this.#refused(
        `input ${shown(input.name)} has extents [${text}], expected [1, channels, height, width] or [1, values]`,
      );
    }
    const [batch, ...extents] = written;
    if (batch !== undefined && batch !== 1 && batch !== 0) {
      throw this.#refused(
        `input ${shown(input.name)} has extents [${text}], a batch of ${batch}; export the model for a batch of 1`,
      );
    }
    const order: Feature['order'] = this.#isChannelsLast(input.name) ? [1, 2, 0] : plainOrder;
    const asked =
      given && (extents.length === 1 ? [given[0] * given[1] * given[2]] : order.map((axis) => given[axis]!));
    const dims = extents.map((extent, axis) => extent || (asked?.[axis] ?? 0));
    if (asked?.some((extent, axis) => extent !== dims[axis])) {
      throw new FheError('ERR_USAGE', `--shape: ${given!.join(',')} does not fit the input of extents [${text}]`);
    }
    if (dims.includes(0)) {
      throw new FheError(
        'ERR_USAGE',
        `${this.#model.file}: input ${shown(input.name)} has extents [${text}]; say --shape CHANNELS,HEIGHT,WIDTH`,
      );
    }
    const shape: Shape =
      dims.length === 1
        ? [dims[0]!, 1, 1]
        : ([0, 1, 2].map((axis) => dims[order.indexOf(axis)]!) as [number, number, number]);
    if (countOf(shape, limits.elements) === undefined || shape.some((extent) => extent > limits.extent)) {
      throw this.#refused(
        `input ${shown(input.name)} has extents [${text}], expected at most ${limits.elements} numbers`,
      );
    }
    return { dims: [1, ...dims], shape, order };
  }

  /** Whether all that is done with an input is to move its channels from the last place to the first. */
  #isChannelsLast(name: string): boolean {
    const readers = this.#model.graph.node.filter(({ input }) => input.includes(name));
    return (
      readers.length > 0 &&
      readers.every(
        ({ opType, attribute }) =>
          opType === 'Transpose' && attribute.find((found) => found.name === 'perm')?.ints.join() === '0,3,1,2',
      )
    );
  }

  #normalization(channels: number): { mean: number[]; deviation: number[] } {
    const spread = (option: string, given: readonly number[] | undefined, otherwise: number): number[] => {
      const values = given ?? [otherwise];
      if (values.length !== 1 && values.length !== channels) {
        throw new FheError('ERR_USAGE', `--${option}: takes one number or ${channels}, found ${values.length}`);
      }
      return Array.from({ length: channels }, (_, channel) => values[channel % values.length]!);
    };
    const { mean, deviation } = this.#options;
    return { mean: spread('mean', mean, 0), deviation: spread('deviation', deviation, 1) };
  }

  #output(name: string, shape: Shape, input: GraphInput): GraphOutput {
    const [channels, height, width] = shape;
    const { classes } = this.#options;
    if (height * width === 1) {
      if (classes !== undefined && classes.length !== channels) {
        throw new FheError(
          'ERR_USAGE',
          `--classes: the network gives ${channels} scores, found ${classes.length} names`,
        );
      }
      const names = classes ?? Array.from({ length: channels }, (_, index) => `class ${index}`);
      return { name, kind: 'scores', classes: names };
    }
    if (classes !== undefined) {
      throw new FheError(
        'ERR_USAGE',
        `--classes: the network gives a tensor of shape [${shape.join(', ')}], no scores`,
      );
    }
    if (input.kind !== 'picture' || !isColour(shape)) {
      return { name, kind: 'values' };
    }
    const sameColours = channels === input.shape[0];
    return {
      name,
      kind: 'picture',
      mean: sameColours ? input.mean : new Array<number>(channels).fill(0),
      deviation: sameColours ? input.deviation : new Array<number>(channels).fill(1),
    };
  }

  #refused(reason: string): FheError {
    return new FheError('ERR_NETWORK', `${this.#model.file}: ${reason}`);
  }
}

/** The operator that gives each value. Operators' further outputs are not supported: what reads one finds nothing. */
function producersOf(graph: GraphProto, file: string): ReadonlyMap<string, NodeProto> {
  const producers = new Map<string, NodeProto>();
  for (const proto of graph.node) {
    const [output] = proto.output;
    if (output === undefined || output === '' || producers.has(output)) {
      throw new FheError(
        'ERR_NETWORK',
        `${file}: ${shown(proto.name)} (${shown(proto.opType)}) has no output of its own`,
      );
    }
    producers.set(output, proto);
  }
  return producers;
}

/** The operators that a value depends on, each after those that it reads. Throws ERR_NETWORK where they form a circle. */
function neededInOrder(output: string, producers: ReadonlyMap<string, NodeProto>, file: string): NodeProto[] {
  const result: NodeProto[] = [];
  const state = new Map<NodeProto, 'open' | 'done'>();
  const pending: NodeProto[] = [];
  const visit = (name: string): void => {
    const proto = producers.get(name);
    if (proto === undefined || state.get(proto) === 'done') {
      return;
    }
    if (state.get(proto) === 'open') {
      throw new FheError(
        'ERR_NETWORK',
        `${file}: ${shown(proto.name)} (${shown(proto.opType)}) reads what depends on itself`,
      );
    }
    pending.push(proto);
  };
  visit(output);
  for (let proto = pending.at(-1); proto !== undefined; proto = pending.at(-1)) {
    if (state.get(proto) === undefined) {
      state.set(proto, 'open');
      for (const name of proto.input.toReversed()) {
        visit(name);
      }
    } else {
      pending.pop();
      if (state.get(proto) === 'open') {
        state.set(proto, 'done');
        result.push(proto);
      }
    }
  }
  return result;
}

/** The nodes that an output depends on. */
function readNodes(nodes: readonly Node[], output: string): Node[] {
  const read = new Set([output]);
  for (const node of nodes.toReversed()) {
    if (read.has(node.name)) {
      for (const input of node.inputs) {
        read.add(input);
      }
    }
  }
  return nodes.filter(({ name }) => read.has(name));
}
