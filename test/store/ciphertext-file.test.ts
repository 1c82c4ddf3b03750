import { createHash } from 'node:crypto';
import { open, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CiphertextHeader, readCiphertextFile, writeCiphertextFile } from '../../src/store/ciphertext-file.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';

const header: CiphertextHeader = {
  kind: 'input',
  profile: 'params_fast',
  planHash: 'plan-1',
  keySetId: 'set-1',
  engine: 'ckks',
  libraryVersion: 'ckks-1',
  images: 3,
};
const payloads = [Buffer.from('first ciphertext'), Buffer.from('second')];

let path: string;
beforeEach(async () => {
  path = join(await temporaryFolder(), 'images.ct');
  await writeCiphertextFile(path, header, payloads);
});

const refusal = (expected: Partial<CiphertextHeader> = {}) => describeError(() => readCiphertextFile(path, expected));

/** Replaces the JSON header and mends the hash, as a program of another version could have written it. */
async function rewriteHeader(change: Record<string, unknown>): Promise<void> {
  const bytes = await readFile(path);
  const length = bytes.readUInt32LE(12);
  const json = JSON.parse(bytes.toString('utf8', 48, 48 + length));
  const changed = Buffer.from(JSON.stringify({ ...json, ...change }));
  const start = Buffer.from(bytes.subarray(0, 16));
  start.writeUInt32LE(changed.length, 12);
  const rest = Buffer.concat([changed, bytes.subarray(48 + length)]);
  const hash = createHash('sha256').update(start).update(rest).digest();
  await writeFile(path, Buffer.concat([start, hash, rest]));
}

test('header and payloads come back, and nothing else is left in the folder', async () => {
  const file = await readCiphertextFile(path, header);
  expect(file.header).toEqual(header);
  expect(file.payloads.map((payload) => Buffer.from(payload))).toEqual(payloads);
  expect(await readdir(dirname(path))).toEqual(['images.ct']);
});

test('an existing file is replaced as a whole', async () => {
  await writeCiphertextFile(path, { ...header, kind: 'result' }, [Buffer.from('scores')]);
  expect((await readCiphertextFile(path, {})).header.kind).toBe('result');
});

test('a folder that is not there is named', async () => {
  const missing = join(dirname(path), 'absent', 'x.ct');
  expect(await describeError(() => writeCiphertextFile(missing, header, payloads))).toBe(
    `ERR_FILE ${missing}: can't be written (ENOENT)`,
  );
  expect(await describeError(() => readCiphertextFile(missing, {}))).toBe(`ERR_FILE ${missing}: no such file`);
});

test('every single flipped bit is found', async () => {
  const bytes = await readFile(path);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const damaged = Buffer.from(bytes);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    await writeFile(path, damaged);
    expect(await refusal(header)).toMatch(/^ERR_CIPHERTEXT /);
  }
});

test('every truncation and every extension is found', async () => {
  const bytes = await readFile(path);
  for (let length = 0; length < bytes.length; length++) {
    await writeFile(path, bytes.subarray(0, length));
    expect(await refusal()).toMatch(/^ERR_CIPHERTEXT /);
  }
  await writeFile(path, Buffer.concat([bytes, Buffer.alloc(1)]));
  expect(await refusal()).toMatch(/^ERR_CIPHERTEXT .*damaged/);
});

test('a length that is not that of the header is found before the payloads are read', async () => {
  await truncate(path, 2 ** 31 - 1);
  const payloadBytes = 2 ** 31 - 1 - 48 - (await headerLength());
  expect(await refusal()).toBe(
    `ERR_CIPHERTEXT ${path}: truncated or damaged, the payloads must have 22 bytes, found ${payloadBytes}`,
  );
});

async function headerLength(): Promise<number> {
  await using file = await open(path);
  const { buffer } = await file.read({ buffer: Buffer.alloc(4), position: 12 });
  return buffer.readUInt32LE();
}

describe('told apart by message', () => {
  test('something else', async () => {
    await writeFile(path, 'PK\u0003\u0004 not a ciphertext');
    expect(await refusal()).toBe(
      `ERR_CIPHERTEXT ${path}: not a ciphertext file of resnet20-fhe, which begins with R20FHECT, found "PK\\u0003\\u0004 not"`,
    );
    await writeFile(path, '');
    expect(await refusal()).toMatch(/begins with R20FHECT, found ""$/);
    expect(await describeError(() => readCiphertextFile(dirname(path), {}))).toBe(
      `ERR_FILE ${dirname(path)}: a folder, expected a ciphertext file`,
    );
  });

  test('another format', async () => {
    const bytes = await readFile(path);
    bytes.writeUInt32LE(2, 8);
    await writeFile(path, bytes);
    expect(await refusal()).toMatch(/ciphertext files of format 1 are read, found format 2; encrypt it again$/);
  });

  test('a header that claims more than there is', async () => {
    const bytes = await readFile(path);
    bytes.writeUInt32LE(0xffffffff, 12);
    await writeFile(path, bytes);
    expect(await refusal()).toMatch(/the header claims 4294967295 bytes$/);
  });

  test.each([
    ['kind', 'result', 'ERR_CIPHERTEXT', 'of kind result is needed, found input'],
    ['profile', 'params_secure', 'ERR_KEY_MISMATCH', 'of profile params_secure is needed, found params_fast'],
    ['planHash', 'plan-2', 'ERR_KEY_MISMATCH', 'of plan plan-2 is needed, found plan-1'],
    ['engine', 'openfhe', 'ERR_KEY_MISMATCH', 'of engine openfhe is needed, found ckks'],
    ['libraryVersion', 'ckks-2', 'ERR_CIPHERTEXT', 'of library version ckks-2 is needed, found ckks-1'],
    ['keySetId', 'set-2', 'ERR_KEY_MISMATCH', 'of key set set-2 is needed, found set-1'],
  ])('another %s', async (field, wanted, code, message) => {
    expect(await refusal({ ...header, [field]: wanted })).toBe(`${code} ${path}: a ciphertext ${message}`);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['kind', { kind: 'key' }, /kind must be input or result, found key/],
    ['profile', { profile: 7 }, /profile must be a text, found 7/],
    ['planHash', { planHash: '' }, /planHash must be a text/],
    ['keySetId', { keySetId: null }, /keySetId must be a text/],
    ['engine', { engine: undefined }, /engine must be a text/],
    ['libraryVersion', { libraryVersion: false }, /libraryVersion must be a text/],
    ['images', { images: 0 }, /images must be a number from 1, found 0/],
    ['a fraction of images', { images: 1.5 }, /images must be a number from 1, found 1.5/],
    ['no payloads', { payloads: [] }, /payloads must be their lengths, found \[\]/],
    ['negative payloads', { payloads: [23, -1] }, /payloads must be their lengths/],
    ['payloads of another length', { payloads: [16, 7] }, /the payloads must have 23 bytes, found 22/],
  ])('a header with a wrong %s under a right hash', async (_, change, message) => {
    await rewriteHeader(change);
    const error = await refusal();
    expect(error).toMatch(/^ERR_CIPHERTEXT /);
    expect(error).toMatch(message);
  });

  test('a header that is no object', async () => {
    const bytes = await readFile(path);
    const start = bytes.subarray(0, 16);
    start.writeUInt32LE(4, 12);
    const rest = Buffer.from('null');
    const hash = createHash('sha256').update(start).update(rest).digest();
    await writeFile(path, Buffer.concat([start, hash, rest]));
    expect(await refusal()).toMatch(/^ERR_CIPHERTEXT .*kind must be a text/);
  });
});

test('what a header says is shown without acting on the terminal, and cut to a length', async () => {
  await rewriteHeader({ profile: '\u001b]0;title\u0007\n', engine: 'x'.repeat(10_000) });
  expect(await refusal({ profile: 'params_fast' })).toBe(
    `ERR_KEY_MISMATCH ${path}: a ciphertext of profile params_fast is needed, found \\u{1b}]0;title\\u{7} `,
  );
  expect(await refusal({ engine: 'ckks' })).toMatch(/found x{100}\.\.\.$/);
});
