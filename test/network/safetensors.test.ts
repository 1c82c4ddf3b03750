import { describe, expect, test } from 'vitest';
import { readSafetensors } from '../../src/network/weights/safetensors.js';
import { describeError } from '../support/errors.js';

/** A file of the published format, from its header and data. */
function file(header: unknown, data: Uint8Array = new Uint8Array()): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
}

const refusal = (bytes: Uint8Array) => describeError(() => readSafetensors(bytes, 'w'));
const entry = (dtype: string, shape: number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('element types', () => {
  test('F32, wherever the data begin', () => {
    const data = Buffer.alloc(12);
    data.writeFloatLE(1.5, 0);
    data.writeFloatLE(-0.25, 4);
    data.writeFloatLE(3e20, 8);
    // Spaces after the JSON put the data at every offset modulo 4; a typed array could be laid over one of them only.
    for (const padding of ['', ' ', '  ', '   ']) {
      const bytes = file(JSON.stringify({ x: entry('F32', [3], 0, 12) }) + padding, data);
      expect(readSafetensors(bytes, 'w').get('x')?.data).toEqual(Float64Array.of(1.5, -0.25, Math.fround(3e20)));
    }
  });

  test('F64', () => {
    const data = Buffer.alloc(16);
    data.writeDoubleLE(Math.PI, 0);
    data.writeDoubleLE(-1e-300, 8);
    const tensors = readSafetensors(file({ x: entry('F64', [2, 1], 0, 16) }, data), 'w');
    expect(tensors.get('x')).toEqual({ shape: [2, 1], data: Float64Array.of(Math.PI, -1e-300) });
  });

  test('F16: one, minus two, the smallest and largest, a subnormal', () => {
    const data = Buffer.from(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x8200).buffer);
    const tensors = readSafetensors(file({ x: entry('F16', [5], 0, 10) }, data), 'w');
    expect(tensors.get('x')?.data).toEqual(Float64Array.of(1, -2, 2 ** -24, 65504, -(2 ** -15)));
  });

  test('BF16', () => {
    const data = Buffer.from(Uint16Array.of(0x3f80, 0xc040, 0x0080).buffer);
    const tensors = readSafetensors(file({ x: entry('BF16', [3], 0, 6) }, data), 'w');
    expect(tensors.get('x')?.data).toEqual(Float64Array.of(1, -3, 2 ** -126));
  });

  test('metadata and padding of the header are passed over', () => {
    const tensors = readSafetensors(file('{"__metadata__":{"format":"pt"}}      '), 'w');
    expect(tensors.size).toBe(0);
  });
});

describe('refused', () => {
  test.each([
    ['an empty file', Buffer.alloc(0), /^ERR_WEIGHTS w: truncated, 0 bytes/],
    ['a huge header', Buffer.from('ffffffffffffff7f00', 'hex'), /header claims 9223372036854775807 bytes/],
    ['a header longer than the file', file({}).subarray(0, 9), /truncated, the header needs 2 bytes, found 1/],
    ['a header that is no JSON', file('{'), /not JSON/],
    ['a header that is no object', file('[]'), /must be an object/],
    ['an entry that is null', file({ x: null }), /element type undefined/],
    ['an unknown element type', file({ x: entry('I8', [1], 0, 1) }), /tensor x has element type I8/],
    ['a type name of Object', file({ x: entry('toString', [1], 0, 1) }), /element type toString/],
    ['a negative extent', file({ x: entry('F32', [-1], 0, 4) }), /tensor x has no valid shape/],
    ['an overflowing shape', file({ x: entry('F32', [2 ** 40, 2 ** 40], 0, 4) }), /tensor x has no valid shape/],
    ['offsets that do not fit the shape', file({ x: entry('F32', [2], 0, 4) }, Buffer.alloc(4)), /tensor x of 8 bytes/],
    ['truncated data', file({ x: entry('F32', [2], 0, 8) }, Buffer.alloc(7)), /truncated, the tensors need 8 bytes/],
    ['bytes after the last tensor', file({ x: entry('F32', [1], 0, 4) }, Buffer.alloc(5)), /bytes after the last/],
    [
      'overlapping tensors',
      file({ x: entry('F32', [1], 0, 4), y: entry('F32', [1], 2, 6) }, Buffer.alloc(6)),
      /tensor y overlaps/,
    ],
    [
      'a gap between tensors',
      file({ x: entry('F32', [1], 0, 4), y: entry('F32', [1], 5, 9) }, Buffer.alloc(9)),
      /tensor y leaves a gap/,
    ],
    [
      'a value that is not finite',
      file({ x: entry('F16', [1], 0, 2) }, Buffer.from([0, 0x7c])),
      /tensor x holds Infinity at position 0/,
    ],
  ])('%s', async (_, bytes, message) => {
    expect(await refusal(bytes)).toMatch(message);
  });
});
