import { FheError } from '../../../errors.js';
import { shown } from '../../../shown-text.js';
import { readConstant } from './constant.js';
import { type AttributeProto, type NodeProto, AttributeProto_AttributeType as Type } from './generated/onnx_pb.js';
import type { GraphBuilder } from './graph-builder.js';
import { type Constant, type Feature, isGrid, type Value } from './value.js';

/** What an operator of the model becomes: the values of its outputs, in order. */
export type Converter = (operator: Operator) => Value;

/** One operator of the model, its inputs known: typed access for the converters, whose errors name it. */
export class Operator {
  readonly builder: GraphBuilder;
  readonly type: string;
  /** Its own name, or that of its first output. */
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly #file: string;
  readonly #attributes: ReadonlyMap<string, AttributeProto>;

  constructor(proto: NodeProto, inputs: readonly (Value | undefined)[], builder: GraphBuilder, file: string) {
    this.builder = builder;
    this.type = proto.opType;
    this.name = proto.name === '' ? (proto.output[0] ?? '') : proto.name;
    this.inputs = inputs;
    this.#file = file;
    this.#attributes = new Map(proto.attribute.map((attribute) => [attribute.name, attribute]));
  }

  /** An input that depends on the model's. */
  feature(index: number): Feature {
    const value = this.#featureWithBorder(index);
    if (value.border !== undefined) {
      throw this.refuse(
        'reads a feature map that a Pad has enlarged, which only Conv and AveragePool may; use their own padding',
      );
    }
    return value;
  }

  /** The same, of extents [1, channels, height, width]. */
  grid(index: number): Feature {
    return this.#asGrid(this.feature(index));
  }

  /** The same, a border of zeros around it allowed: extents are those without it. */
  gridWithBorder(index: number): Feature {
    return this.#asGrid(this.#featureWithBorder(index));
  }

  #featureWithBorder(index: number): Feature {
    const value = this.inputs[index];
    if (value?.kind !== 'feature') {
      throw this.refuse(`must have a feature map as input ${index + 1}, found ${described(value)}`);
    }
    return value;
  }

  #asGrid(feature: Feature): Feature {
    if (!isGrid(feature)) {
      throw this.refuse(
        `reads a tensor of extents [${feature.dims.join(', ')}] where values lie as channels ${feature.shape.join(' x ')}; ` +
          'expected [1, channels, height, width]: flatten only before fully connected layers, and keep channels first',
      );
    }
    return feature;
  }

  /** An input whose numbers the model holds. */
  constant(index: number): Constant {
    const value = this.inputs[index];
    if (value?.kind !== 'constant') {
      throw this.refuse(`must have numbers of the model as input ${index + 1}, found ${described(value)}`);
    }
    return value;
  }

  optionalConstant(index: number): Constant | undefined {
    return this.inputs[index] === undefined ? undefined : this.constant(index);
  }

  has(attribute: string): boolean {
    return this.#attributes.has(attribute);
  }

  whole(attribute: string, otherwise: number): number {
    return Number(this.#attribute(attribute, Type.INT)?.i ?? otherwise);
  }

  number(attribute: string, otherwise: number): number {
    return this.#attribute(attribute, Type.FLOAT)?.f ?? otherwise;
  }

  numbers(attribute: string): number[] | undefined {
    return this.#attribute(attribute, Type.FLOATS)?.floats;
  }

  wholes(attribute: string): number[] | undefined {
    return this.#attribute(attribute, Type.INTS)?.ints.map(Number);
  }

  text(attribute: string, otherwise: string): string {
    const found = this.#attribute(attribute, Type.STRING);
    return found === undefined ? otherwise : Buffer.from(found.s).toString('latin1');
  }

  tensor(attribute: string): Constant | undefined {
    const found = this.#attribute(attribute, Type.TENSOR)?.t;
    return found && readConstant(found, this.#file);
  }

  /** `reason` tells what was expected and found, and what to use instead. */
  refuse(reason: string): FheError {
    return new FheError('ERR_NETWORK', `${this.#file}: ${shown(this.name)} (${shown(this.type)}) ${reason}`);
  }

  #attribute(name: string, type: Type): AttributeProto | undefined {
    const found = this.#attributes.get(name);
    if (found !== undefined && found.type !== type) {
      throw this.refuse(`has the attribute ${name} of type ${Type[found.type]}, expected ${Type[type]}`);
    }
    return found;
  }
}

function described(value: Value | undefined): string {
  return value === undefined ? 'nothing' : value.kind === 'constant' ? 'numbers of the model' : 'a feature map';
}
