import { join } from 'node:path';
import { readCiphertextFile } from '../../../dist/store/ciphertext-file.js';
import { sha256, singleFiles } from '../corpus.mjs';

/** Ciphertext files; what is in their payloads is for the native fuzzers. */
export const corpus = singleFiles('corpus/ciphertext', 'file.fhe');

const hashAt = 16;
const hashBytes = 32;

export function seal({ 'file.fhe': bytes }) {
  if (bytes.length < hashAt + hashBytes) {
    return { 'file.fhe': bytes };
  }
  const sealed = Buffer.from(bytes);
  sha256(sealed.subarray(0, hashAt), sealed.subarray(hashAt + hashBytes)).copy(sealed, hashAt);
  return { 'file.fhe': sealed };
}

export function run(folder) {
  return readCiphertextFile(join(folder, 'file.fhe'), {});
}
