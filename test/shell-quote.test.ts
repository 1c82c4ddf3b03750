import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellQuoted } from '../src/shell-quote.js';

test('plain paths stay as they are', () => {
  expect(shellQuoted('/home/ada/keys_1/params-fast.old')).toBe('/home/ada/keys_1/params-fast.old');
});

test.each(['', 'a b', "o'neill", '$HOME', '`id`', 'a;b', '~ada', 'new\nline', 'ä "b"', '*', '\\'])(
  '%j is one word to a shell',
  (path) => {
    expect(execFileSync('sh', ['-c', `printf %s. ${shellQuoted(path)}`]).toString()).toBe(`${path}.`);
  },
);
