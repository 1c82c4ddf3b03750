import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type ContextHandle,
  type EvaluatorHandle,
  loadBinding,
  type NativeParameters,
  type SecretHandle,
} from '../../src/engine/ckks/binding.js';

// Files that make_known_answers.py wrote, without this engine: every later version must read them.
const folder = join(import.meta.dirname, 'known-answers');
const stored = JSON.parse(readFileSync(join(folder, 'parameters.json'), 'utf8'));
const { digitPrimes, ...described } = stored;
const parameters: NativeParameters = {
  ...described,
  primeBits: Int32Array.from(stored.primeBits),
  specialPrimes: Int32Array.from(stored.specialPrimes),
  digits: Int32Array.from(stored.specialPrimes, (_, level) => Math.floor(level / digitPrimes) + 1),
  security: 'unchecked',
};
const slots = parameters.ringDimension / 2;
const file = (name: string): string => join(folder, name);
const bytes = (name: string): Uint8Array => readFileSync(file(name));
const sha256 = (name: string): string => createHash('sha256').update(bytes(name)).digest('hex');

const binding = loadBinding();
let context: ContextHandle;
let secret: SecretHandle;
let evaluator: EvaluatorHandle;

beforeAll(async () => {
  ({ context } = await binding.createContext(parameters));
  secret = await binding.openSecret(context, file('secret.key'), sha256('secret.key'));
  const keys = binding.createKeys(context);
  for (const name of ['relinearization.key', 'ring-switch.key', 'rotation.key']) {
    await binding.addKey(keys, file(name), sha256(name));
  }
  evaluator = binding.createEvaluator(context, keys, 1e6);
});
afterAll(() => binding.dispose(context));

/** Largest distance of the decrypted slots from what `real` and `imaginary` give. */
async function distance(
  payload: Uint8Array,
  real: (slot: number) => number,
  imaginary: (slot: number) => number,
): Promise<{ readonly slots: number; readonly error: number }> {
  const decrypted = await binding.decrypt(secret, payload);
  const errors = [...decrypted.real].map((value, slot) =>
    Math.hypot(value - real(slot), decrypted.imaginary[slot]! - imaginary(slot)),
  );
  return { slots: errors.length, error: Math.max(...errors) };
}

const real = (slot: number): number => Math.cos(slot / 7);
const imaginary = (slot: number): number => Math.sin(slot / 5);

test.each([
  ['request-seeded', slots],
  ['request-full', slots],
  ['answer', parameters.resultRingDimension / 2],
])('the stored %s decrypts with the stored secret', async (name, count) => {
  const found = await distance(bytes(`${name}.ciphertext`), real, imaginary);
  expect(found.slots).toBe(count);
  expect(found.error).toBeLessThan(1e-6);
});

test('the stored public key encrypts for the stored secret', async () => {
  const key = await binding.openPublicKey(context, file('public.key'), sha256('public.key'));
  const values = Float64Array.from({ length: slots }, (_, slot) => slot / slots);
  const payload = await binding.encryptPublic(key, values, undefined, 1, 2 ** 36);
  const { error } = await distance(
    payload,
    (slot) => slot / slots,
    () => 0,
  );
  expect(error).toBeLessThan(1e-5);
});

test('the stored rotation key rotates by one', async () => {
  const { ciphertext } = await binding.readCiphertext(evaluator, bytes('request-seeded.ciphertext'));
  const { ciphertext: rotated } = await binding.rotate(evaluator, ciphertext, 1);
  const payload = await binding.writeCiphertext(evaluator, rotated);
  const next = (of: (slot: number) => number) => (slot: number) => of((slot + 1) % slots);
  expect((await distance(payload, next(real), next(imaginary))).error).toBeLessThan(1e-5);
});

test('the stored relinearisation key squares', async () => {
  const { ciphertext } = await binding.readCiphertext(evaluator, bytes('request-seeded.ciphertext'));
  const { ciphertext: squared } = await binding.square(evaluator, ciphertext, false, undefined);
  const payload = await binding.writeCiphertext(evaluator, squared);
  const { error } = await distance(
    payload,
    (slot) => real(slot) ** 2 - imaginary(slot) ** 2,
    (slot) => 2 * real(slot) * imaginary(slot),
  );
  expect(error).toBeLessThan(1e-4);
});

test('the stored ring-switch key gives the answer: means over congruent slots', async () => {
  const { ciphertext } = await binding.readCiphertext(evaluator, bytes('request-seeded.ciphertext'));
  const { ciphertext: lowest } = await binding.dropToLevel(evaluator, ciphertext, 0);
  const payload = await binding.writeResult(evaluator, lowest);
  const kept = parameters.resultRingDimension / 2;
  const mean = (of: (slot: number) => number) => (slot: number) =>
    Array.from({ length: slots / kept }, (_, turn) => of(slot + turn * kept)).reduce((sum, value) => sum + value, 0) /
    (slots / kept);
  const found = await distance(payload, mean(real), mean(imaginary));
  expect(found).toEqual({ slots: kept, error: expect.any(Number) });
  expect(found.error).toBeLessThan(1e-5);
});
