import { expect, test } from 'vitest';
import { escapeControls, shown, shownJson } from '../src/shown-text.js';

test('what acts on a terminal is written out, lines and other scripts stay', () => {
  expect(escapeControls('a\u001b]0;title\u0007\u009b31m\u202eb\r\u007f')).toBe(
    'a\\u{1b}]0;title\\u{7}\\u{9b}31m\\u{202e}b\\u{d}\\u{7f}',
  );
  expect(escapeControls('größe 犬 🐶\n\tnext')).toBe('größe 犬 🐶\n\tnext');
});

test('what a file says is one line, cut to a length between characters', () => {
  expect(shown('two\nlines')).toBe('two lines');
  expect(shown('🐶'.repeat(101))).toBe(`${'🐶'.repeat(100)}...`);
  expect(shown('x'.repeat(100))).toBe('x'.repeat(100));
  expect(shown({ a: ['\u001b'] })).toBe('{"a":["\\u001b"]}');
  expect(shown(undefined)).toBe('undefined');
});

test('nesting that is parsed and can not be written is named', () => {
  const nested = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
  expect(shownJson(nested)).toBe('a value nested too deeply');
  expect(shown(nested)).toBe('a value nested too deeply');
  expect(shownJson('text')).toBe('"text"');
  expect(shownJson(undefined)).toBe('undefined');
});
