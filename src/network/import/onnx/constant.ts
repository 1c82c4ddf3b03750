import { FheError } from '../../../errors.js';
import { shown } from '../../../shown-text.js';
import { bytesToFloats } from './element-types.js';
import { type TensorProto, TensorProto_DataLocation } from './generated/onnx_pb.js';
import { type Constant, countOf, mostElements } from './value.js';

const deepestTensor = 8;

/**
 * The numbers of a tensor. `external`: the bytes of those that lie in another file, by tensor. Throws ERR_NETWORK for
 * extents that do not fit the data, numbers that are not finite, and types that are no numbers.
 */
export function readConstant(
  proto: TensorProto,
  file: string,
  external?: ReadonlyMap<TensorProto, Uint8Array>,
): Constant {
  const refuse = (reason: string): FheError =>
    new FheError('ERR_NETWORK', `${file}: tensor ${shown(proto.name)} ${reason}`);
  const shape = proto.dims.map(Number);
  const count = countOf(shape, mostElements);
  if (count === undefined || shape.length > deepestTensor) {
    throw refuse(`has extents [${shown(shape.join(', '))}], expected at most ${mostElements} numbers`);
  }
  const raw = proto.dataLocation === TensorProto_DataLocation.EXTERNAL ? external?.get(proto) : proto.rawData;
  if (raw === undefined) {
    throw refuse('has its data in another file, where only initialisers may; save the model in one file');
  }
  const elements = bytesToFloats(proto, raw);
  if (elements === undefined) {
    throw refuse(
      `has element type ${proto.dataType}, expected float32, float64, float16, bfloat16, bool or whole numbers of 8, 32 or ` +
        '64 bits; export the model in float32, not quantised',
    );
  }
  const { data, integer } = elements;
  if (data.length !== count) {
    throw refuse(`of extents [${shape.join(', ')}] must have ${count} numbers, found ${data.length}`);
  }
  const broken = integer ? -1 : data.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    throw refuse(`holds ${data[broken]} at position ${broken}`);
  }
  return { kind: 'constant', shape, data, integer };
}

/** A constant of whole numbers. */
export function wholeNumbers(values: readonly number[]): Constant {
  return { kind: 'constant', shape: [values.length], data: Float64Array.from(values), integer: true };
}
