import { FheError } from '../errors.js';
import { elementCount, type Tensor, tensor } from './tensor.js';

const magic = Buffer.from('\x93NUMPY', 'latin1');
const prefixBytes = 10;
const maximumHeaderBytes = 2 ** 16;

const elementTypes: Readonly<Record<string, { bytes: number; read: (view: DataView, offset: number) => number }>> = {
  '<f8': { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) },
  '<f4': { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) },
  '|u1': { bytes: 1, read: (view, offset) => view.getUint8(offset) },
};

/**
 * The tensor of a NumPy file, format 1.0 or 2.0 (numpy.lib.format): row-major float64, float32 or uint8, little endian.
 * Throws ERR_DATA, naming `file`, for any other, a damaged one, and numbers that are not finite.
 */
export function readNpy(bytes: Uint8Array, file: string): Tensor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < prefixBytes + 2 || !magic.equals(bytes.subarray(0, magic.length))) {
    throw refused(file, 'not a NumPy file (.npy)');
  }
  const wide = view.getUint8(magic.length) !== 1;
  const dataStart = wide ? 12 + view.getUint32(8, true) : prefixBytes + view.getUint16(8, true);
  if (dataStart > Math.min(bytes.length, maximumHeaderBytes)) {
    throw refused(file, `its header claims ${dataStart} bytes`);
  }
  const header = Buffer.from(bytes.subarray(wide ? 12 : prefixBytes, dataStart)).toString('latin1');
  const name = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? 'none';
  const type = Object.hasOwn(elementTypes, name) ? elementTypes[name] : undefined;
  if (type === undefined) {
    throw refused(file, `element type must be one of ${Object.keys(elementTypes).join(', ')}, found ${name}`);
  }
  if (!/'fortran_order':\s*False/.test(header)) {
    throw refused(file, 'elements must be in row-major order');
  }
  const shape = (/'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1] ?? '').split(',').filter((text) => text.trim() !== '');
  const result = shapedAs(shape.map(Number), (bytes.length - dataStart) / type.bytes, file);
  for (let index = 0; index < result.data.length; index++) {
    const value = type.read(view, dataStart + index * type.bytes);
    if (!Number.isFinite(value)) {
      throw refused(file, `holds ${value} at position ${index}`);
    }
    result.data[index] = value;
  }
  return result;
}

/** A NumPy file of float64, format 1.0. */
export function writeNpy({ shape, data }: Tensor): Buffer {
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const described = `{'descr': '<f8', 'fortran_order': False, 'shape': (${extents}), }`;
  const length = Math.ceil((prefixBytes + described.length + 1) / 64) * 64 - prefixBytes;
  const prefix = Buffer.alloc(prefixBytes);
  magic.copy(prefix);
  prefix[magic.length] = 1;
  prefix.writeUInt16LE(length, 8);
  const values = Buffer.alloc(8 * data.length);
  for (const [index, value] of data.entries()) {
    values.writeDoubleLE(value, 8 * index);
  }
  return Buffer.concat([prefix, Buffer.from(`${described.padEnd(length - 1)}\n`, 'latin1'), values]);
}

function shapedAs(shape: readonly number[], count: number, file: string): Tensor {
  if (!Number.isSafeInteger(elementCount(shape)) || elementCount(shape) !== count) {
    throw refused(file, `shape (${shape.join(', ')}) needs ${elementCount(shape)} elements, found ${count}`);
  }
  return tensor(shape);
}

function refused(file: string, reason: string): FheError {
  return new FheError('ERR_DATA', `${file}: ${reason}`);
}
