import { expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../src/tensor/npy.js';
import { tensor } from '../../src/tensor/tensor.js';
import { describeError } from '../support/errors.js';

/** As numpy 1.26 saves np.array([[1, -2.5, 3]], dtype=np.float32). */
const saved = Buffer.concat([
  Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
  Buffer.from(`{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }`.padEnd(117, ' ').concat('\n')),
  Buffer.from(new Float32Array([1, -2.5, 3]).buffer),
]);

test('what NumPy saves is read', () => {
  const { shape, data } = readNpy(saved, 'a.npy');
  expect(shape).toEqual([1, 3]);
  expect([...data]).toEqual([1, -2.5, 3]);
});

test.each([[[3]], [[2, 3, 1, 1]]])('a tensor of shape %j comes back, its data aligned to 64 bytes', (shape) => {
  const values = tensor(
    shape,
    Float64Array.from({ length: shape.reduce((a, b) => a * b) }, (_, index) => index / 7),
  );
  const bytes = writeNpy(values);
  expect((bytes.length - 8 * values.data.length) % 64).toBe(0);
  expect(readNpy(bytes, 'a.npy')).toEqual(values);
});

test.each([
  ['another file', Buffer.from('PK\x03\x04 and so on'), /not a NumPy file/],
  ['objects', Buffer.from(saved.toString('latin1').replace('<f4', '|O8'), 'latin1'), /found \|O8/],
  ['columns first', Buffer.from(saved.toString('latin1').replace('False', 'True '), 'latin1'), /row-major/],
  ['a truncated file', saved.subarray(0, -4), /needs 3 elements, found 2/],
  [
    'numbers that are not finite',
    Buffer.concat([saved.subarray(0, -4), Buffer.from([0, 0, 0xc0, 0x7f])]),
    /NaN at position 2/,
  ],
  ['a header past the end', saved.subarray(0, 40), /header claims 128 bytes/],
])('%s is refused', async (_, bytes, reason) => {
  expect(await describeError(async () => readNpy(bytes, 'a.npy'))).toMatch(reason);
});
