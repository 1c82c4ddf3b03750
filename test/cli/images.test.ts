import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeResNet8 } from '../support/resnet8-weights.js';
import { runInProcess } from './in-process.js';
import { runProgram } from './program.js';

let folder: string;
/** The command line that classifies with a small network on a small ring. */
let small: readonly string[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resnet20-fhe-test-'));
  small = ['infer', '--engine', 'simulator', '--profile', 'params_test', '--weights', await writeResNet8(folder)];
});
afterAll(() => rm(folder, { recursive: true }));

/** A PNG of one colour, opaque unless `alpha` says otherwise. */
function png(width: number, height: number, alpha = 255): Buffer {
  const image = new PNG({ width, height });
  for (let i = 0; i < image.data.length; i += 4) {
    image.data.set([200, 100, 50, alpha], i);
  }
  return PNG.sync.write(image);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32Of(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** CRC-32 as PNG defines it (annex D of the specification), bit by bit. */
function crc32Of(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A PNG that declares the size and depth, with the given raw scan lines. */
function rawPng(width: number, height: number, depth: number, colorType: number, lines: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colorType, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const wrong: readonly { name: string; content: () => Buffer; message: RegExp }[] = [
  { name: 'large.png', content: () => png(64, 48), message: /32 x 32 pixels, found 64 x 48; --resize/ },
  { name: 'transparent.png', content: () => png(32, 32, 128), message: /transparent/ },
  { name: 'truncated.png', content: () => png(32, 32).subarray(0, 60), message: /truncated/ },
  { name: 'text.png', content: () => Buffer.from('no picture at all'), message: /not an image/ },
  { name: 'empty.png', content: () => Buffer.alloc(0), message: /empty/ },
  {
    name: 'deep.png',
    content: () => rawPng(32, 32, 16, 2, Buffer.alloc(32 * (1 + 32 * 6))),
    message: /16 bits/,
  },
  {
    name: 'huge.png',
    content: () => rawPng(100_000, 100_000, 8, 2, Buffer.alloc(16)),
    message: /100000 x 100000 pixels/,
  },
];

test.each(wrong)('$name is refused with its own message', async ({ name, content, message }) => {
  const path = join(folder, name);
  await writeFile(path, content());
  const { status, stdout, stderr } = await runInProcess(['infer', '--engine', 'simulator', '--input', path]);
  expect(status).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain(path);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test('a file that is not there is named; --verbose shows where the error arose', async () => {
  const path = join(folder, 'missing.png');
  const commandLine = ['infer', '--engine', 'simulator', '--input', path];
  const { status, stderr } = await runInProcess(commandLine);
  expect(status).toBe(1);
  expect(stderr).toContain(`${path}: no such file`);
  expect(stderr).not.toMatch(/\n\s+at /);
  const verbose = await runInProcess([...commandLine, '--verbose']);
  expect(verbose.stderr).toMatch(/\n\s+at /);
  expect(verbose.stderr).toContain('caused by: Error: ENOENT');
});

test('with --json the error is a line of JSON with its code', async () => {
  const path = join(folder, 'missing.png');
  const { stderr } = await runInProcess(['infer', '--engine', 'simulator', '--input', path, '--json']);
  const events = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.at(-1)).toMatchObject({ event: 'error', code: 'ERR_FILE' });
});

test('--resize takes a picture of another size', async () => {
  const path = join(folder, 'wide.png');
  await writeFile(path, png(64, 48));
  const { status } = await runProgram([...small, '--resize', '--input', path]);
  expect(status).toBe(0);
});

test('pictures of 16 megapixels take less memory than the encrypted circuit does', async () => {
  // Progressive, so that the decoder holds every coefficient of all three components. Written by cjpeg.
  const path = fileURLToPath(new URL('../image/fixtures/16-megapixels.jpg', import.meta.url));
  const commandLine = [...small, '--resize', '--json', '--input', path, path, path];
  const { status, stdout, stderr } = await runProgram(commandLine);
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout).peakRssBytes).toBeLessThan(600e6);
});

test('a picture comes from standard input, and what may never end is refused', async () => {
  const picture = await readFile(new URL('../../inputs/cat.png', import.meta.url));
  const commandLine = ['infer', '--engine', 'simulator', '--quiet', '--input'];
  const { status, stdout } = await runProgram([...commandLine, '-'], { input: picture });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^-: cat\n/);
  const endless = await runInProcess([...commandLine, '/dev/zero']);
  expect(endless.status).toBe(1);
  expect(endless.stderr).toMatch(/^error: \/dev\/zero: a device, expected an image file/);
  const url = await runInProcess([...commandLine, 'https://example.org/cat.png']);
  expect(url.status).toBe(2);
  expect(url.stderr).toMatch(/a URL, expected an image file on this machine/);
});
