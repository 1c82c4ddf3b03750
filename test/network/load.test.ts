import { createHash } from 'node:crypto';
import { readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { activationsOf, scoresOf } from '../../src/network/graph.js';
import { loadNetwork, weightsPath } from '../../src/network/weights/load.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';

let weights: string;
let cardFile: string;
let card: Record<string, unknown>;

beforeEach(async () => {
  const folder = await temporaryFolder();
  weights = join(folder, 'square.safetensors');
  cardFile = join(folder, 'square.json');
  const source = weightsPath('square-resnet20');
  await writeFile(weights, await readFile(source));
  card = JSON.parse(await readFile(source.replace('.safetensors', '.json'), 'utf8'));
  await writeFile(cardFile, JSON.stringify(card));
});

async function refusalWith(change: Record<string, unknown>): Promise<string> {
  await writeFile(cardFile, JSON.stringify({ ...card, ...change }));
  return describeError(() => loadNetwork(weights));
}

test('the network that comes with the program', async () => {
  const loaded = await loadNetwork(weightsPath('square-resnet20'));
  expect(loaded.graph.nodes.filter(({ kind }) => kind === 'add')).toHaveLength(9);
  expect(scoresOf(loaded.graph).classes).toHaveLength(10);
  expect(activationsOf(loaded.graph).at(-1)).toMatchObject({
    name: 'stage3.block3.activation2',
    range: { bound: expect.any(Number) },
  });
  expect(loaded.graph.weightsHash).toBe(loaded.card.sha256);
  expect(loaded.card.accuracy.test).toBeGreaterThan(0.8);
});

test('one altered bit of the weights is found', async () => {
  const bytes = await readFile(weights);
  bytes[bytes.length - 9]! ^= 4;
  await writeFile(weights, bytes);
  expect(await describeError(() => loadNetwork(weights))).toMatch(
    new RegExp(`^ERR_WEIGHTS ${weights}: SHA-256 must be ${String(card.sha256)} by its card, found [0-9a-f]{64};`),
  );
});

test('a file that is longer than its header says is not read', async () => {
  const { size } = await stat(weights);
  await truncate(weights, 2 ** 40);
  const header = (await readFile(weightsPath('square-resnet20'))).readBigUInt64LE(0);
  const found = BigInt(2 ** 40) - 8n - header;
  expect(await describeError(() => loadNetwork(weights))).toBe(
    `ERR_WEIGHTS ${weights}: bytes after the last tensor, the tensors need ${BigInt(size) - 8n - header} bytes, found ${found}`,
  );
  await truncate(weights, size);
  await truncate(cardFile, 2 ** 40);
  expect(await describeError(() => loadNetwork(weights))).toBe(
    `ERR_WEIGHTS ${cardFile}: 1099511627776 bytes are too many for a card`,
  );
});

test('missing files are named', async () => {
  const bytes = await readFile(weights);
  await rm(weights);
  expect(await describeError(() => loadNetwork(weights))).toBe(`ERR_WEIGHTS ${weights}: no such file`);
  await writeFile(weights, bytes);
  await rm(cardFile);
  expect(await describeError(() => loadNetwork(weights))).toBe(
    `ERR_WEIGHTS ${cardFile}: no such file; the card of square.safetensors belongs beside it`,
  );
  expect(await describeError(() => loadNetwork(cardFile))).toBe(
    `ERR_WEIGHTS ${cardFile}: expected a .safetensors file`,
  );
});

test('each wrong field of the card is named with what was expected and found', async () => {
  expect(await refusalWith({ format: 2 })).toBe(`ERR_WEIGHTS ${cardFile}: format must be 1, found 2`);
  expect(await refusalWith({ architecture: 'resnet18' })).toMatch(
    /architecture must be one of resnet20, resnet8, found resnet18/,
  );
  expect(await refusalWith({ activation: 'tanh' })).toMatch(/activation must be one of square, relu, found "tanh"/);
  expect(await refusalWith({ padding: undefined })).toMatch(/padding must be one of .*, found nothing/);
  expect(await refusalWith({ classes: [] })).toMatch(/classes must be a list of texts, found \[\]/);
  expect(await refusalWith({ sha256: 5 })).toMatch(/sha256 must be a text, found 5/);
  expect(await refusalWith({ ranges: null })).toMatch(/ranges must be an object/);
  expect(await refusalWith({ ranges: { 'stem.activation': { max: 1, quantile9999: '1', bound: 2 } } })).toMatch(
    /ranges.stem.activation.quantile9999 must be a number, found "1"/,
  );
  expect(await refusalWith({ input: { ...(card.input as object), mean: [0, 0] } })).toMatch(
    /input.mean must be a list of 3 numbers, found \[0,0\]/,
  );
  expect(await refusalWith({ input: { ...(card.input as object), shape: [3, 32, 0.5] } })).toMatch(
    /input.shape must be/,
  );
  const { 'stage2.block1.activation2': _, ...ranges } = card.ranges as Record<string, unknown>;
  expect(await refusalWith({ ranges })).toMatch(/ranges.stage2.block1.activation2 is missing/);
  await writeFile(cardFile, '{"format": 1');
  expect(await describeError(() => loadNetwork(weights))).toBe(`ERR_WEIGHTS ${cardFile}: not JSON`);
});

test('a hash that fits does not excuse a file that is no safetensors file', async () => {
  const bytes = Buffer.from('not weights');
  await writeFile(weights, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect(await refusalWith({ sha256 })).toMatch(/^ERR_WEIGHTS .*: not a safetensors file, its header claims/);
});
