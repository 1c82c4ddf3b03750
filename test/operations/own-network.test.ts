import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodePng } from '../../src/image/encode-png.js';
import { loadImage } from '../../src/image/load.js';
import { normalise } from '../../src/image/normalise.js';
import { encodeNetwork } from '../../src/network/folder/write.js';
import { forward } from '../../src/network/forward.js';
import { type Graph, inputOf } from '../../src/network/graph.js';
import { decrypt } from '../../src/operations/decrypt.js';
import { encrypt } from '../../src/operations/encrypt.js';
import { evaluate } from '../../src/operations/evaluate.js';
import { explain } from '../../src/operations/explain.js';
import { generateKeys } from '../../src/operations/generate-keys.js';
import { infer } from '../../src/operations/infer.js';
import { describeProfiles } from '../../src/operations/params.js';
import { plan } from '../../src/operations/plan.js';
import { readNpy } from '../../src/tensor/npy.js';
import { tensor } from '../../src/tensor/tensor.js';
import { largestDifference } from '../support/differences.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';
import { convolutionNode, graphOf } from '../support/nodes.js';
import { smallGraph } from '../support/small-graph.js';

const classes = ['a', 'b', 'c', 'd', 'e'];
const grey: Graph = { ...smallGraph, outputs: [{ kind: 'scores', name: 'scores', classes }] };

/** Scores are a few units; noise of 2^-10 enters each of three layers. */
const tolerance = 2 ** -6;

async function networkFolder(name: string, graph: Graph): Promise<string> {
  const folder = join(await temporaryFolder(), name);
  await mkdir(folder);
  const { description, weights } = encodeNetwork({ ...graph, name }, undefined);
  await writeFile(join(folder, 'network.json'), description);
  await writeFile(join(folder, 'weights.safetensors'), weights);
  process.env.RESNET20_FHE_KEYS = join(folder, 'keys');
  return folder;
}

async function pictureFile(folder: string, [channels, height, width]: readonly number[]): Promise<string> {
  const shape = [channels!, height!, width!];
  const pixels = Float64Array.from({ length: channels! * height! * width! }, (_, index) => (index * 37) % 256);
  const file = join(folder, 'picture.png');
  await writeFile(file, encodePng(tensor(shape, pixels)));
  return file;
}

describe('a network of scores for grey pictures', () => {
  test('planned, keys made, encrypted, evaluated and decrypted: who encrypts and decrypts has no weights', async () => {
    const network = await networkFolder('grey', grey);
    const keys = await generateKeys({ network });
    expect(keys.profile).toBe('grey');
    expect(keys.security.bits).toBe(128);
    const picture = await pictureFile(network, inputOf(grey).shape);
    const [request, answer] = [join(network, 'a.fhe'), join(network, 'b.fhe')];
    const away = `${network}-away`;
    await encrypt({ inputs: [picture, picture], out: request, keys: keys.folder });
    expect(await describeError(() => evaluate({ input: request, out: answer, keys: keys.folder }))).toMatch(
      /ERR_USAGE --network: the keys in .* are of the network grey; name its folder/,
    );
    await evaluate({ input: request, out: answer, network });
    await mkdir(away);
    for (const file of ['network.json', 'weights.safetensors', 'plan.json']) {
      await rename(join(network, file), join(away, file));
    }
    const { images } = await decrypt({ input: answer, keys: keys.folder });
    const expected = forward(grey, normalise(await loadImage(picture, inputOf(grey)), inputOf(grey)));
    expect(images).toHaveLength(2);
    for (const { scores } of images) {
      expect(largestDifference(Float64Array.from(scores!), expected)).toBeLessThan(tolerance);
    }
    await rm(away, { recursive: true });
  });

  test('is planned for what is asked, described and explained by its folder', async () => {
    const network = await networkFolder('grey', grey);
    const planned = await plan({ network, precision: 12, images: 2 });
    expect(planned.groups[0]!.images).toBe(1);
    expect(planned.groups.at(-1)!.images).toBeGreaterThanOrEqual(2);
    expect(JSON.parse(await readFile(planned.file, 'utf8')).profile.description).toMatch(/12 bits and 2 pictures/);
    const [described] = await describeProfiles({ network });
    expect(described!.model!.planHash).toBe(planned.planHash);
    const explained = await explain({ network });
    expect(explained.stages.map(({ name }) => name)).toContain('scores');
    expect(await describeError(() => explain({ network, profile: 'params_fast' }))).toMatch(/contradict each other/);
  });

  test('an altered plan is refused, and no plan where keys are not made', async () => {
    const network = await networkFolder('grey', grey);
    expect(await describeError(() => infer({ network, engine: 'simulator' }))).toMatch(/plan\.json.*resnet20-fhe plan/);
    const { file } = await plan({ network });
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"security":"checked"', '"security":"unchecked"'));
    expect(await describeError(() => generateKeys({ network }))).toMatch(/ERR_PROFILE .*plan\.json: .*altered/);
  });
});

test('a network from picture to picture writes what it gives', async () => {
  const graph = graphOf(
    [3, 8, 8],
    [
      convolutionNode('down', 'x', { weight: [4, 3, 3, 3], stride: [2, 2], pads: [1, 1, 1, 1] }, 1),
      { kind: 'upsample', name: 'up', inputs: ['down'], factor: [2, 2] },
      convolutionNode('out', 'up', { weight: [3, 4, 3, 3], pads: [1, 1, 1, 1] }, 2),
    ],
  );
  const [mean, deviation] = [
    [0.5, 0.5, 0.5],
    [0.1, 0.1, 0.1],
  ];
  const painted: Graph = { ...graph, outputs: [{ kind: 'picture', name: 'out', mean, deviation }] };
  const network = await networkFolder('painted', painted);
  await generateKeys({ network });
  const picture = await pictureFile(network, [3, 8, 8]);
  const [outImage, outValues] = [join(network, 'out.png'), join(network, 'out.npy')];
  await infer({ network, inputs: [picture], outImages: [outImage], outValues });
  const expected = forward(painted, normalise(await loadImage(picture, inputOf(painted)), inputOf(painted)));
  const meant = expected.map((value, index) => value * deviation[Math.floor(index / 64)]! + 0.5);
  const values = readNpy(await readFile(outValues), outValues);
  expect(values.shape).toEqual([1, 3, 8, 8]);
  expect(largestDifference(values.data, meant)).toBeLessThan(tolerance);
  const written = await loadImage(outImage, { shape: [3, 8, 8] });
  const pixels = meant.map((value) => Math.min(255, Math.max(0, 255 * value)));
  expect(largestDifference(written.data, pixels)).toBeLessThan(255 * tolerance);
  expect(await describeError(() => infer({ network, inputs: [picture], outImages: [outImage, outValues] }))).toMatch(
    /--out-image: expected 1 files, .*found 2/,
  );
});
