import { FheError } from '../../errors.js';
import { shown, shownJson } from '../../shown-text.js';
import { elementCount, type Tensor, tensor } from '../../tensor/tensor.js';
import { brainFloatToNumber, halfToNumber } from './half-precision.js';

/** A header of this program's networks has some kilobytes; a larger one is refused before it is parsed. */
const maximumHeaderBytes = 2 ** 22;

interface ElementType {
  readonly bytes: number;
  readonly read: (view: DataView, offset: number) => number;
}

const elementTypes: Readonly<Record<string, ElementType>> = {
  F64: { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) },
  F32: { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) },
  F16: { bytes: 2, read: (view, offset) => halfToNumber(view.getUint16(offset, true)) },
  BF16: { bytes: 2, read: (view, offset) => brainFloatToNumber(view.getUint16(offset, true)) },
};

interface Entry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Tensors of a safetensors file: 8 bytes header length (little endian), a JSON header
 * {name: {dtype, shape, data_offsets: [begin, end]}}, then the data, which the tensors must cover without gap or overlap.
 * Element types F64, F32, F16 and BF16. Throws ERR_WEIGHTS, naming `file` and the tensor.
 */
export function readSafetensors(bytes: Uint8Array, file: string): Map<string, Tensor> {
  const view = viewOf(bytes);
  const { entries, dataStart } = readHeader(bytes, bytes.length, file);
  return new Map(entries.map((entry) => [entry.name, readTensor(view, dataStart, entry, file)]));
}

/** Bytes that length and header take at most. */
export const longestPrefix = 8 + maximumHeaderBytes;

/**
 * Checks a file's header, and that its tensors are as long as the file of `size` bytes, given its first `longestPrefix`
 * bytes or all of a shorter one. Throws as readSafetensors.
 */
export function checkSafetensorsLength(beginning: Uint8Array, size: number, file: string): void {
  readHeader(beginning, size, file);
}

function readHeader(beginning: Uint8Array, size: number, file: string): { entries: Entry[]; dataStart: number } {
  const dataStart = 8 + readHeaderLength(viewOf(beginning), file);
  const entries = parseHeader(beginning.subarray(8, dataStart), file);
  checkCoverage(entries, size - dataStart, file);
  return { entries, dataStart };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readHeaderLength(view: DataView, file: string): number {
  if (view.byteLength < 8) {
    throw new FheError('ERR_WEIGHTS', `${file}: truncated, ${view.byteLength} bytes can't hold a safetensors header`);
  }
  const length = view.getBigUint64(0, true);
  if (length > maximumHeaderBytes) {
    throw new FheError('ERR_WEIGHTS', `${file}: not a safetensors file, its header claims ${length} bytes`);
  }
  if (8 + Number(length) > view.byteLength) {
    throw new FheError(
      'ERR_WEIGHTS',
      `${file}: truncated, the header needs ${length} bytes, found ${view.byteLength - 8}`,
    );
  }
  return Number(length);
}

function parseHeader(bytes: Uint8Array, file: string): Entry[] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FheError('ERR_WEIGHTS', `${file}: the safetensors header is not JSON`, { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new FheError('ERR_WEIGHTS', `${file}: the safetensors header must be an object`);
  }
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => parseEntry(name, value, file));
}

function parseEntry(name: string, value: unknown, file: string): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  const type = typeof dtype === 'string' && Object.hasOwn(elementTypes, dtype) ? elementTypes[dtype] : undefined;
  if (type === undefined) {
    throw new FheError(
      'ERR_WEIGHTS',
      `${file}: tensor ${shown(name)} has element type ${shown(dtype)}, expected one of ${Object.keys(elementTypes).join(', ')}`,
    );
  }
  if (!isSizeList(shape) || !Number.isSafeInteger(elementCount(shape) * type.bytes)) {
    throw new FheError('ERR_WEIGHTS', `${file}: tensor ${shown(name)} has no valid shape, found ${shownJson(shape)}`);
  }
  const [begin, end] = isSizeList(offsets) && offsets.length === 2 ? offsets : [];
  if (begin === undefined || end === undefined || end - begin !== elementCount(shape) * type.bytes) {
    throw new FheError(
      'ERR_WEIGHTS',
      `${file}: tensor ${shown(name)} of ${elementCount(shape) * type.bytes} bytes has data offsets ${shownJson(offsets)}`,
    );
  }
  return { name, type, shape, begin, end };
}

function isSizeList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function checkCoverage(entries: readonly Entry[], dataBytes: number, file: string): void {
  let covered = 0;
  for (const entry of entries.toSorted((left, right) => left.begin - right.begin || left.end - right.end)) {
    if (entry.begin !== covered) {
      const problem = entry.begin < covered ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw new FheError(
        'ERR_WEIGHTS',
        `${file}: tensor ${shown(entry.name)} ${problem} (starts at ${entry.begin}, not ${covered})`,
      );
    }
    covered = entry.end;
  }
  if (covered !== dataBytes) {
    const problem = covered > dataBytes ? 'truncated' : 'bytes after the last tensor';
    throw new FheError('ERR_WEIGHTS', `${file}: ${problem}, the tensors need ${covered} bytes, found ${dataBytes}`);
  }
}

function readTensor(view: DataView, dataStart: number, entry: Entry, file: string): Tensor {
  const result = tensor(entry.shape);
  for (let i = 0; i < result.data.length; i++) {
    const value = entry.type.read(view, dataStart + entry.begin + i * entry.type.bytes);
    if (!Number.isFinite(value)) {
      throw new FheError('ERR_WEIGHTS', `${file}: tensor ${shown(entry.name)} holds ${value} at position ${i}`);
    }
    result.data[i] = value;
  }
  return result;
}
