import { execFileSync } from 'node:child_process';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
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

describe('what a file must be by its beginning', () => {
  const readAs = (path: string, length: number) =>
    readInputFile(path, {
      expected: 'a letter',
      maximumBytes: 2 ** 40,
      beginning: {
        bytes: 4,
        lengthOf: (beginning, size) => {
          if (size !== undefined && size !== length) {
            throw new Error(`${beginning} with ${size} bytes`);
          }
          return length;
        },
      },
    });

  test('is known before the rest is read', async () => {
    const path = join(await temporaryFolder(), 'letter');
    await writeFile(path, 'Dear reader');
    await truncate(path, 2 ** 35);
    await expect(readAs(path, 11)).rejects.toThrow(`Dear with ${2 ** 35} bytes`);
    await truncate(path, 11);
    expect((await readAs(path, 11)).toString()).toBe('Dear reader');
  });

  test('ends the reading of what is longer, and is asked of what is shorter', async (context) => {
    context.skip(process.platform !== 'linux', 'no /proc on this system');
    expect(await readAs('/proc/self/maps', 10)).toHaveLength(11);
    const whole = await readFile('/proc/self/comm');
    await expect(
      readInputFile('/proc/self/comm', {
        expected: 'a letter',
        maximumBytes: 100,
        beginning: {
          bytes: 100,
          lengthOf: (beginning, size) => {
            throw new Error(`${size} bytes: ${beginning}`);
          },
        },
      }),
    ).rejects.toThrow(`${whole.length} bytes: ${whole}`);
  });
});
