import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readInputFile } from '../src/input-file.js';
import { describeError } from './support/errors.js';
import { temporaryFolder } from './support/folders.js';

const read = (path: string, maximumBytes = 100) => readInputFile(path, { expected: 'a letter', maximumBytes });

test('a file is read whole, up to the limit and no further', async () => {
  const path = join(await temporaryFolder(), 'letter');
  await writeFile(path, 'x'.repeat(100));
  expect((await read(path)).toString()).toBe('x'.repeat(100));
  expect(await describeError(() => read(path, 99))).toBe(`ERR_FILE ${path}: 100 B or more; at most 99 B are read`);
});

test('a file that says it is empty and is not is read up to the limit', async (context) => {
  context.skip(process.platform !== 'linux', 'no /proc on this system');
  expect((await read('/proc/self/comm')).length).toBeGreaterThan(0);
  expect(await describeError(() => read('/proc/self/maps'))).toMatch(
    /^ERR_FILE \/proc\/self\/maps: .* at most 100 B are read$/,
  );
});

test('what may never end is refused at once', async () => {
  const folder = await temporaryFolder();
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(await describeError(() => read(pipe))).toBe(
    `ERR_FILE ${pipe}: a pipe, expected a letter; - in place of a name reads standard input`,
  );
  expect(await describeError(() => read('/dev/zero'))).toMatch(/^ERR_FILE \/dev\/zero: a device, expected a letter; /);
  const socket = join(folder, 'socket');
  const server = createServer().listen(socket);
  expect(await describeError(() => read(socket))).toBe(`ERR_FILE ${socket}: a socket, expected a letter`);
  server.close();
});

test('a folder, nothing, and a URL are named', async () => {
  const folder = await temporaryFolder();
  expect(await describeError(() => read(folder))).toBe(`ERR_FILE ${folder}: a folder, expected a letter`);
  expect(await describeError(() => read(join(folder, 'no')))).toBe(`ERR_FILE ${join(folder, 'no')}: no such file`);
  expect(await describeError(() => read('https://example.org/a'))).toBe(
    'ERR_USAGE https://example.org/a: a URL, expected a letter on this machine; download it first',
  );
});
