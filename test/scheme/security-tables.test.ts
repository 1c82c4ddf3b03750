import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const script = join(root, 'scripts/security-tables.mjs');
const generated = ['security/keys.json', 'security/table.json', 'native/ckks/scheme/security_caps.h'];
const files = ['security/estimates.json', ...generated];

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'security-tables-'));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the check prints of copies of the tables, one of them changed. */
function checkAfter(file: string, change: (text: string) => string): { status: number | null; output: string } {
  for (const copied of files) {
    copyFileSync(join(root, copied), join(folder, copied));
  }
  const original = readFileSync(join(folder, file), 'utf8');
  const changed = change(original);
  writeFileSync(join(folder, file), changed);
  const { status, stdout } = spawnSync(process.execPath, [script, '--check', folder], { encoding: 'utf8' });
  return { status, output: stdout };
}

test('both tables are what the estimates give, for the keys that the profiles have', () => {
  expect(checkAfter('security/table.json', (text) => text)).toEqual({ status: 0, output: '' });
});

test.each([
  ['security/table.json', '"classical":1747', '"classical":1748'],
  ['security/table.json', '"quantum":1288', '"quantum":1298'],
  ['native/ckks/scheme/security_caps.h', '<< 10, 26}', '<< 10, 27}'],
  ['native/ckks/scheme/security_caps.h', '<< 17, 3523}', '<< 17, 3532}'],
  ['security/keys.json', '"logQP":1714', '"logQP":1704'],
])('a change of %s from %s is noticed', (file, from, to) => {
  const { status, output } = checkAfter(file, (text) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  });
  expect(status).toBe(1);
  expect(output).toContain(file);
});

test('a key without an estimate of its own is noticed', () => {
  const { status, output } = checkAfter('security/estimates.json', (text) =>
    text.replace('"logQP": 94', '"logQP": 93'),
  );
  expect(status).toBe(1);
  expect(output).toMatch(/params_fast, result key: no estimate; run python3 -m resnet20_security/);
});
