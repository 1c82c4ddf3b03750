import { InvalidArgumentError } from 'commander';
import { maximumThreads } from '../operations/check-options.js';
import type { ImportOptions } from '../operations/import.js';

const BYTES_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
]);

/** `800MB`, `1.5 GB` or a plain number of bytes; units are powers of 1000. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?B)?$/i.exec(text.trim());
  const unit = BYTES_PER_UNIT.get((match?.[2] ?? '').toUpperCase());
  const bytes = Math.round(Number(match?.[1]) * (unit ?? Number.NaN));
  if (!Number.isSafeInteger(bytes) || bytes <= 0) {
    throw new InvalidArgumentError(`Expected a size such as 800MB or 16GB (1 GB = 10^9 bytes), found "${text}".`);
  }
  return bytes;
}

/** A whole number of at least 1. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count) || count < 1) {
    throw new InvalidArgumentError(`Expected a whole number of at least 1, found "${text}".`);
  }
  return count;
}

/** A number of threads. */
export function parseThreads(text: string): number {
  const threads = parseCount(text);
  if (threads > maximumThreads) {
    throw new InvalidArgumentError(`Expected at most ${maximumThreads} threads, found ${text}.`);
  }
  return threads;
}

/** A precision in bits: a number from 0 to 60, fractions included. */
export function parseBits(text: string): number {
  const bits = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || bits > 60) {
    throw new InvalidArgumentError(`Expected a number of bits from 0 to 60 such as 9.5, found "${text}".`);
  }
  return bits;
}

/** The name of a file or folder; an empty one, as an unset variable of a shell gives it, is refused. */
export function parsePath(text: string): string {
  if (text === '') {
    throw new InvalidArgumentError('Expected the name of a file or folder, found "".');
  }
  return text;
}

/** A SHA-256 in hexadecimal; spaces and colons, in which others print it, are left out. */
export function parseFingerprint(text: string): string {
  const digits = text.replaceAll(/[\s:]/g, '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(digits)) {
    throw new InvalidArgumentError(`Expected the 64 hexadecimal digits of a fingerprint, found "${text}".`);
  }
  return digits;
}

/** One more name of an option that takes several. */
export function parsePaths(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, parsePath(text)];
}

/** Numbers with commas between them. */
export function parseNumbers(text: string): readonly number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!numbers.every(Number.isFinite)) {
    throw new InvalidArgumentError(`Expected numbers such as 0.49,0.48,0.45, found "${text}".`);
  }
  return numbers;
}

/** Channels, height and width, such as 3,32,32. */
export function parseShape(text: string): readonly [number, number, number] {
  const [channels, height, width, ...others] = text.split(/[,x]/).map((part) => parseCount(part.trim()));
  if (channels === undefined || height === undefined || width === undefined || others.length > 0) {
    throw new InvalidArgumentError(`Expected channels, height and width such as 3,32,32, found "${text}".`);
  }
  return [channels, height, width];
}

/** A factor from 1 to 100. */
export function parseMargin(text: string): number {
  const margin = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || margin < 1 || margin > 100) {
    throw new InvalidArgumentError(`Expected a number from 1 to 100 such as 1.25, found "${text}".`);
  }
  return margin;
}

const greatestDegree = 255;

/** `keep`, `square` or `poly:DEGREE`. */
export function parseActivation(text: string): NonNullable<ImportOptions['activation']> {
  const [, degree] = /^poly:(\d{1,3})$/.exec(text) ?? [];
  if (text === 'keep' || text === 'square') {
    return { kind: text };
  }
  if (degree === undefined || Number(degree) < 2 || Number(degree) > greatestDegree) {
    throw new InvalidArgumentError(
      `Expected keep, square or poly:DEGREE with a degree from 2 to ${greatestDegree}, found "${text}".`,
    );
  }
  return { kind: 'polynomial', degree: Number(degree) };
}
