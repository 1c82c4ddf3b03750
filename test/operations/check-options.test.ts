import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accuracy, decrypt, encrypt, evaluate, generateKeys, infer, loadKeys } from '../../src/index.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';

/** As a program without types may call. */
const untyped = (options: object): never => options as never;

test.each([
  [
    'no pictures',
    () => encrypt({ inputs: [], out: 'x.fhe' }),
    'inputs: expected a list of one or more names of files, found []',
  ],
  ['no pictures', () => infer({ inputs: [] }), 'inputs: expected a list of one or more names of files, found []'],
  [
    'a text for a list',
    () => infer(untyped({ inputs: '/a.png' })),
    'inputs: expected a list of one or more names of files, found "/a.png"',
  ],
  [
    'an empty name',
    () => infer({ inputs: ['a.png', ''] }),
    'inputs: expected a list of one or more names of files, found ["a.png",""]',
  ],
  ['negative threads', () => infer({ threads: -1 }), 'threads: expected a whole number from 1 to 1024, found -1'],
  ['threads', () => generateKeys({ threads: 1025 }), 'threads: expected a whole number from 1 to 1024, found 1025'],
  [
    'half a thread',
    () => evaluate({ input: 'a', out: 'b', threads: 1.5 }),
    'threads: expected a whole number from 1 to 1024, found 1.5',
  ],
  [
    'no memory',
    () => infer({ memoryBudget: Number.NaN }),
    'memoryBudget: expected a whole number of bytes, at least 1, found null',
  ],
  ['no name', () => evaluate(untyped({ out: 'b' })), 'input: expected the name of a file or folder, found undefined'],
  ['no name', () => decrypt({ input: '' }), 'input: expected the name of a file or folder, found ""'],
  ['no name', () => loadKeys(untyped({})), 'set: expected the name of a file or folder, found undefined'],
  [
    'a name with a zero',
    () => infer({ trace: 'a\0b' }),
    'trace: expected the name of a file or folder, found "a\\u0000b"',
  ],
  ['no limit', () => accuracy({ data: '.', limit: 0 }), 'limit: expected a whole number of at least 1, found 0'],
  [
    'bits',
    () => accuracy({ data: '.', engine: 'simulator', precision: 61 }),
    'precision: expected a number of bits from 0 to 60, found 61',
  ],
  ['a text for a flag', () => infer(untyped({ resize: 'no' })), 'resize: expected true or false, found "no"'],
] as const)('%s is refused as by the command: case %#', async (_, call, message) => {
  expect(await describeError(call)).toBe(`ERR_USAGE ${message}`);
});

test('nothing is written before the options are checked', async () => {
  const folder = await temporaryFolder();
  await describeError(() => encrypt({ inputs: [], out: join(folder, 'x.fhe') }));
  expect(await readdir(folder)).toEqual([]);
});
