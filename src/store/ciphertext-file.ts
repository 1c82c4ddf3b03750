import { createHash } from 'node:crypto';
import { FheError } from '../errors.js';
import { readInputFile } from '../input-file.js';
import { shown, shownJson } from '../shown-text.js';
import { writeFileAtomically } from './atomic-file.js';

/** What a ciphertext file says about itself. Nothing in it depends on what the images show. */
export interface CiphertextHeader {
  /** `input`: encrypted images; `result`: encrypted scores. */
  readonly kind: 'input' | 'result';
  readonly profile: string;
  readonly planHash: string;
  readonly keySetId: string;
  readonly engine: string;
  readonly libraryVersion: string;
  /** Images in all payloads together. */
  readonly images: number;
}

/** What a reader requires; fields that are absent are not compared. */
export type ExpectedCiphertext = Partial<Omit<CiphertextHeader, 'images'>>;

export interface CiphertextFile {
  readonly header: CiphertextHeader;
  readonly payloads: readonly Uint8Array[];
}

/**
 * magic (8 bytes), format (uint32), header length (uint32), SHA-256 (32 bytes) of all other bytes, header as JSON with
 * the payloads' lengths, payloads one after another. Integers are little endian. The hash finds damage, not forgery.
 */
const magic = Buffer.from('R20FHECT', 'latin1');
export const ciphertextFormat = 1;
const hashOffset = magic.length + 8;
const headerOffset = hashOffset + 32;
const maximumHeaderBytes = 2 ** 16;
const maximumBytes = 2 ** 31;

/** Writes a ciphertext file under a temporary name and renames it. Throws ERR_DISK_FULL or ERR_FILE. */
export async function writeCiphertextFile(
  path: string,
  header: CiphertextHeader,
  payloads: readonly Uint8Array[],
): Promise<void> {
  const json = Buffer.from(JSON.stringify({ ...header, payloads: payloads.map((payload) => payload.length) }));
  const prefix = Buffer.alloc(headerOffset);
  magic.copy(prefix);
  prefix.writeUInt32LE(ciphertextFormat, magic.length);
  prefix.writeUInt32LE(json.length, magic.length + 4);
  hashParts([prefix.subarray(0, hashOffset), json, ...payloads]).copy(prefix, hashOffset);
  await writeFileAtomically(path, [prefix, json, ...payloads]);
}

/**
 * Reads a ciphertext file, or with the path `-` standard input; everything is checked before anything is returned, and
 * header and length before more than they is read.
 * Throws ERR_FILE (can't be read), ERR_CIPHERTEXT (not such a file, another format or library version, truncated,
 * damaged, or of the other kind) or ERR_KEY_MISMATCH (made for another profile, plan, engine or key set).
 */
export async function readCiphertextFile(path: string, expected: ExpectedCiphertext): Promise<CiphertextFile> {
  const bytes = await readInputFile(path, {
    expected: 'a ciphertext file',
    maximumBytes,
    beginning: {
      bytes: headerOffset + maximumHeaderBytes,
      lengthOf: (beginning, size) => {
        const { payloadOffset, payloadBytes } = parseBeginning(beginning, path);
        checkLength(payloadBytes, size === undefined ? payloadBytes : size - payloadOffset, path);
        return payloadOffset + payloadBytes;
      },
    },
  });
  const { header, lengths, payloadOffset, payloadBytes } = parseBeginning(bytes, path);
  checkLength(payloadBytes, bytes.length - payloadOffset, path);
  const hash = hashParts([bytes.subarray(0, hashOffset), bytes.subarray(headerOffset)]);
  if (!hash.equals(bytes.subarray(hashOffset, headerOffset))) {
    throw new FheError('ERR_CIPHERTEXT', `${path}: damaged, its SHA-256 does not fit its content`);
  }
  checkExpected(path, header, expected);
  let offset = payloadOffset;
  const payloads = lengths.map((length) => {
    offset += length;
    return bytes.subarray(offset - length, offset);
  });
  return { header, payloads };
}

/** What a file says of itself and how long it must be, by its first bytes. Nothing is vouched for by the hash yet. */
interface Beginning {
  readonly header: CiphertextHeader;
  readonly lengths: readonly number[];
  readonly payloadOffset: number;
  /** Of all payloads. */
  readonly payloadBytes: number;
}

function parseBeginning(bytes: Buffer, path: string): Beginning {
  const payloadOffset = headerOffset + checkPrefix(bytes, path);
  const { header, lengths } = parseHeader(bytes.subarray(headerOffset, payloadOffset), path);
  return { header, lengths, payloadOffset, payloadBytes: lengths.reduce((sum, length) => sum + length, 0) };
}

function checkLength(needed: number, found: number, path: string): void {
  if (needed !== found) {
    throw new FheError(
      'ERR_CIPHERTEXT',
      `${path}: truncated or damaged, the payloads must have ${needed} bytes, found ${found}`,
    );
  }
}

function hashParts(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest();
}

/** Checks magic, format and lengths; returns the header's length. */
function checkPrefix(bytes: Buffer, path: string): number {
  if (!bytes.subarray(0, magic.length).equals(magic)) {
    const found = JSON.stringify(bytes.toString('ascii', 0, magic.length));
    throw new FheError(
      'ERR_CIPHERTEXT',
      `${path}: not a ciphertext file of resnet20-fhe, which begins with ${magic}, found ${found}`,
    );
  }
  if (bytes.length < headerOffset) {
    throw new FheError('ERR_CIPHERTEXT', `${path}: truncated, ${bytes.length} bytes can't hold the header`);
  }
  const format = bytes.readUInt32LE(magic.length);
  if (format !== ciphertextFormat) {
    throw new FheError(
      'ERR_CIPHERTEXT',
      `${path}: ciphertext files of format ${ciphertextFormat} are read, found format ${format}; encrypt it again`,
    );
  }
  const headerBytes = bytes.readUInt32LE(magic.length + 4);
  if (headerBytes > maximumHeaderBytes || headerOffset + headerBytes > bytes.length) {
    throw new FheError('ERR_CIPHERTEXT', `${path}: truncated or damaged, the header claims ${headerBytes} bytes`);
  }
  return headerBytes;
}

function parseHeader(bytes: Uint8Array, path: string): { header: CiphertextHeader; lengths: number[] } {
  let json: Record<string, unknown>;
  try {
    json = (JSON.parse(Buffer.from(bytes).toString('utf8')) ?? {}) as Record<string, unknown>;
  } catch (cause) {
    throw new FheError('ERR_CIPHERTEXT', `${path}: the header is not JSON`, { cause });
  }
  const text = (name: keyof CiphertextHeader): string => {
    const value = json[name];
    if (typeof value !== 'string' || value === '') {
      throw new FheError('ERR_CIPHERTEXT', `${path}: ${name} must be a text, found ${shownJson(value)}`);
    }
    return value;
  };
  const kind = text('kind');
  if (kind !== 'input' && kind !== 'result') {
    throw new FheError('ERR_CIPHERTEXT', `${path}: kind must be input or result, found ${shown(kind)}`);
  }
  const { images, payloads } = json;
  if (!isCount(images) || images === 0) {
    throw new FheError('ERR_CIPHERTEXT', `${path}: images must be a number from 1, found ${shown(images)}`);
  }
  if (!Array.isArray(payloads) || payloads.length === 0 || !payloads.every(isCount)) {
    throw new FheError('ERR_CIPHERTEXT', `${path}: payloads must be their lengths, found ${shown(payloads)}`);
  }
  const header: CiphertextHeader = {
    kind,
    profile: text('profile'),
    planHash: text('planHash'),
    keySetId: text('keySetId'),
    engine: text('engine'),
    libraryVersion: text('libraryVersion'),
    images,
  };
  return { header, lengths: payloads };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function checkExpected(path: string, header: CiphertextHeader, expected: ExpectedCiphertext): void {
  const compared = [
    ['kind', 'ERR_CIPHERTEXT', 'kind'],
    ['profile', 'ERR_KEY_MISMATCH', 'profile'],
    ['planHash', 'ERR_KEY_MISMATCH', 'plan'],
    ['engine', 'ERR_KEY_MISMATCH', 'engine'],
    ['libraryVersion', 'ERR_CIPHERTEXT', 'library version'],
    ['keySetId', 'ERR_KEY_MISMATCH', 'key set'],
  ] as const;
  for (const [field, code, text] of compared) {
    const wanted = expected[field];
    if (wanted !== undefined && header[field] !== wanted) {
      throw new FheError(code, `${path}: a ciphertext of ${text} ${wanted} is needed, found ${shown(header[field])}`);
    }
  }
}
