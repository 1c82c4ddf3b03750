import { expect, test } from 'vitest';
import {
  parseBits,
  parseBytes,
  parseCount,
  parseFingerprint,
  parsePath,
  parsePaths,
  parseThreads,
} from '../../src/cli/arguments.js';

test.each([
  ['800MB', 800e6],
  ['16GB', 16e9],
  ['1.5 gb', 1.5e9],
  ['123456', 123456],
  ['64KB', 64e3],
])('%s is %d bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(['', 'GB', '-1GB', '0', '16GiB', '1e9', 'sixteen', '1.5.2MB'])('"%s" is refused with an example', (text) => {
  expect(() => parseBytes(text)).toThrow(/Expected a size such as 800MB or 16GB.*found "/);
});

test.each(['0', '-3', '1.5', '4x', ''])('"%s" is no count', (text) => {
  expect(() => parseCount(text)).toThrow(/whole number of at least 1, found "/);
});

test('a precision may have a fraction', () => {
  expect(parseBits('9.5')).toBe(9.5);
});

test.each(['-1', '61', '9,5', 'many', ''])('"%s" is no precision', (text) => {
  expect(() => parseBits(text)).toThrow(/number of bits from 0 to 60.*found "/);
});

test('threads are limited', () => {
  expect(parseThreads('1024')).toBe(1024);
  expect(() => parseThreads('1025')).toThrow('Expected at most 1024 threads, found 1025.');
});

test('an empty name is refused, also among others', () => {
  expect(parsePath('.')).toBe('.');
  expect(parsePaths('b', parsePaths('a'))).toEqual(['a', 'b']);
  expect(() => parsePaths('', ['a'])).toThrow('Expected the name of a file or folder, found "".');
});

test('a fingerprint may be written as other programs print it', () => {
  const digits = '0123456789abcdef'.repeat(4);
  expect(parseFingerprint(digits.toUpperCase().replaceAll(/..(?!$)/g, '$&:'))).toBe(digits);
  expect(parseFingerprint(digits.replaceAll(/.{8}/g, '$& '))).toBe(digits);
});

test.each(['', 'ab', 'g'.repeat(64), 'a'.repeat(63), 'a'.repeat(65)])('"%s" is no fingerprint', (text) => {
  expect(() => parseFingerprint(text)).toThrow(/64 hexadecimal digits of a fingerprint, found "/);
});
