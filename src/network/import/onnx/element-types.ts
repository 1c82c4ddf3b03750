import { brainFloatToNumber, halfToNumber } from '../../weights/half-precision.js';
import { type TensorProto, TensorProto_DataType } from './generated/onnx_pb.js';

interface ElementType {
  readonly bytes: number;
  readonly integer: boolean;
  readonly read: (view: DataView, offset: number) => number;
  /** The field that holds the numbers where they are no raw bytes, and how they are written there. */
  readonly field: 'floatData' | 'doubleData' | 'int32Data' | 'int64Data';
  readonly fromField?: (value: number) => number;
}

/** onnx.proto, TensorProto: which field holds which type. */
const elementTypes: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [TensorProto_DataType.FLOAT, type(4, false, (view, at) => view.getFloat32(at, true), 'floatData')],
  [TensorProto_DataType.DOUBLE, type(8, false, (view, at) => view.getFloat64(at, true), 'doubleData')],
  [
    TensorProto_DataType.FLOAT16,
    { ...type(2, false, (view, at) => halfToNumber(view.getUint16(at, true)), 'int32Data'), fromField: halfToNumber },
  ],
  [
    TensorProto_DataType.BFLOAT16,
    {
      ...type(2, false, (view, at) => brainFloatToNumber(view.getUint16(at, true)), 'int32Data'),
      fromField: brainFloatToNumber,
    },
  ],
  [TensorProto_DataType.INT64, type(8, true, (view, at) => Number(view.getBigInt64(at, true)), 'int64Data')],
  [TensorProto_DataType.INT32, type(4, true, (view, at) => view.getInt32(at, true), 'int32Data')],
  [TensorProto_DataType.INT8, type(1, true, (view, at) => view.getInt8(at), 'int32Data')],
  [TensorProto_DataType.UINT8, type(1, true, (view, at) => view.getUint8(at), 'int32Data')],
  [TensorProto_DataType.BOOL, type(1, true, (view, at) => view.getUint8(at), 'int32Data')],
]);

function type(bytes: number, integer: boolean, read: ElementType['read'], field: ElementType['field']): ElementType {
  return { bytes, integer, read, field };
}

/** The numbers of a tensor, from `raw` bytes, little endian, or where those are empty from its fields; undefined: other types. */
export function bytesToFloats(
  proto: TensorProto,
  raw: Uint8Array,
): { readonly data: Float64Array; readonly integer: boolean } | undefined {
  const found = elementTypes.get(proto.dataType);
  if (found === undefined) {
    return undefined;
  }
  const { bytes, integer, read, field, fromField } = found;
  if (raw.length === 0) {
    const data = Float64Array.from(proto[field] as readonly (number | bigint)[], Number);
    return { integer, data: fromField === undefined ? data : data.map(fromField) };
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  // A length that is no multiple gives a count that does not fit the extents.
  const count = raw.length % bytes === 0 ? raw.length / bytes : 0;
  return { integer, data: Float64Array.from({ length: count }, (_, index) => read(view, index * bytes)) };
}
