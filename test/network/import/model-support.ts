import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from '../../../src/network/import/onnx/generated/onnx_pb.js';

/** A model of one chain of operators from `x` to `y`, as bytes; what it says may be nonsense. */
export interface WrittenModel {
  readonly shape?: readonly (number | string)[];
  readonly nodes: readonly WrittenNode[];
  readonly tensors?: readonly TensorProto[];
  readonly opset?: number;
  readonly change?: (graph: GraphProto) => void;
}

export interface WrittenNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output?: string;
  readonly domain?: string;
  readonly attributes?: readonly AttributeProto[];
}

export function writeModel({
  shape = [1, 2, 4, 4],
  nodes,
  tensors = [],
  opset = 17,
  change,
}: WrittenModel): Uint8Array {
  const graph = create(GraphProtoSchema, {
    name: 'g',
    node: nodes.map(({ type, inputs, output = 'y', domain = '', attributes = [] }) =>
      create(NodeProtoSchema, {
        opType: type,
        name: `the ${type}`,
        input: [...inputs],
        output: [output],
        domain,
        attribute: [...attributes],
      }),
    ),
    initializer: [...tensors],
    input: [valueInfo('x', shape)],
    output: [valueInfo('y', [])],
  });
  change?.(graph);
  const model = create(ModelProtoSchema, { irVersion: 8n, opsetImport: [{ version: BigInt(opset) }], graph });
  return toBinary(ModelProtoSchema, model);
}

function valueInfo(name: string, shape: readonly (number | string)[]) {
  const dim = shape.map((extent) => ({
    value:
      typeof extent === 'number'
        ? { case: 'dimValue' as const, value: BigInt(extent) }
        : { case: 'dimParam' as const, value: extent },
  }));
  const type = create(TypeProtoSchema, { value: { case: 'tensorType', value: { elemType: 1, shape: { dim } } } });
  return create(ValueInfoProtoSchema, { name, type });
}

/** float32; with `data` undefined all ones. */
export function floats(name: string, dims: readonly number[], data?: readonly number[]): TensorProto {
  const count = dims.reduce((product, extent) => product * extent, 1);
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: 1,
    floatData: [...(data ?? new Array<number>(count).fill(1))],
  });
}

export function wholes(name: string, data: readonly number[]): TensorProto {
  return create(TensorProtoSchema, { name, dims: [BigInt(data.length)], dataType: 7, int64Data: data.map(BigInt) });
}

export function ints(name: string, values: readonly number[]): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: values.map(BigInt) });
}

export function int(name: string, value: number): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
}

export function text(name: string, value: string): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s: Buffer.from(value) });
}
