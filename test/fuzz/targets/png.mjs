import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { loadImage } from '../../../dist/image/load.js';
import { singleFiles } from '../corpus.mjs';

export const corpus = singleFiles('../image/fixtures', 'file.png', (name) => name.endsWith('.png'));

const signatureBytes = 8;

/** Mends the check sums of all chunks, so that what is in them is read. */
export function seal({ 'file.png': bytes }) {
  const sealed = Buffer.from(bytes);
  for (let at = signatureBytes; at + 12 <= sealed.length; ) {
    const end = at + 8 + sealed.readUInt32BE(at);
    if (end + 4 > sealed.length) {
      break;
    }
    sealed.writeUInt32BE(crc32(sealed.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return { 'file.png': sealed };
}

export function run(folder) {
  return loadImage(join(folder, 'file.png'), { shape: [3, 32, 32], resize: true });
}
