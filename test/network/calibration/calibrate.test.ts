import { expect, test } from 'vitest';
import { calibrate, mostSamples } from '../../../src/network/calibration/calibrate.js';
import { forward } from '../../../src/network/forward.js';
import { activationsOf, type Graph, type Node, outputOf } from '../../../src/network/graph.js';
import { tensor } from '../../../src/tensor/tensor.js';
import { describeError } from '../../support/errors.js';
import { convolutionNode, denseNode, graphOf } from '../../support/nodes.js';
import { randomTensor } from '../../support/random.js';

const relu = (name: string, input: string): Node => ({
  kind: 'activation',
  name,
  inputs: [input],
  function: { name: 'relu' },
  range: undefined,
});

const graph: Graph = graphOf(
  [2, 4, 4],
  [
    convolutionNode('first', 'x', { weight: [3, 2, 3, 3], pads: [1, 1, 1, 1] }, 1),
    relu('first.relu', 'first'),
    convolutionNode('second', 'first.relu', { weight: [3, 3, 3, 3], pads: [1, 1, 1, 1] }, 2),
    { kind: 'add', name: 'sum', inputs: ['second', 'first.relu'] },
    relu('sum.relu', 'sum'),
    denseNode('scores', 'sum.relu', 4, 48, 3),
  ],
);

const samples = Array.from({ length: 12 }, (_, index) => randomTensor([2, 4, 4], index));
const keep = { activation: { kind: 'keep' }, margin: 1.5 } as const;

test('ranges and bounds are those of the samples', async () => {
  const { graph: measured, calibration } = await calibrate(graph, samples, [], keep);
  expect(calibration).toEqual({ samples: 12, heldOut: 0, margin: 1.5, outOfRange: 0 });
  const alone: Graph = { ...graph, nodes: graph.nodes.slice(0, 1), outputs: [{ name: 'first', kind: 'values' }] };
  const first = samples.flatMap((sample) => [...forward(alone, sample)].map(Math.abs));
  const [range] = activationsOf(measured).map((node) => node.range);
  expect(range?.max).toBe(Math.max(...first));
  expect(range?.bound).toBe(1.5 * Math.max(...first));
  const scores = samples.flatMap((sample) => [...forward(graph, sample)].map(Math.abs));
  expect(outputOf(measured).bound).toBe(4 * Math.max(...scores));
  expect(activationsOf(measured).map((node) => node.function)).toEqual([{ name: 'relu' }, { name: 'relu' }]);
});

test('samples that were held out and leave a bound are counted', async () => {
  const larger = samples.map(({ shape, data }) =>
    tensor(
      shape,
      data.map((x) => 10 * x),
    ),
  );
  const { calibration } = await calibrate(graph, samples, [samples[0]!, larger[1]!, larger[2]!, samples[3]!], keep);
  expect(calibration).toMatchObject({ heldOut: 4, outOfRange: 0.5 });
});

test('what replaces an activation is what those behind it read', async () => {
  const activation = { kind: 'square' } as const;
  const { graph: squared } = await calibrate(graph, samples, [], { ...keep, activation });
  const [first, second] = activationsOf(squared);
  expect(first?.function.name).toBe('quadratic');
  const before: Graph = { ...squared, nodes: squared.nodes.slice(0, 4), outputs: [{ name: 'sum', kind: 'values' }] };
  const sums = samples.flatMap((sample) => [...forward(before, sample)].map(Math.abs));
  expect(second?.range?.max).toBe(Math.max(...sums));
  const { graph: fitted } = await calibrate(graph, samples, [], {
    ...keep,
    activation: { kind: 'polynomial', degree: 12 },
  });
  const differences = (by: Graph) =>
    samples.flatMap((sample) =>
      [...forward(by, sample)].map((score, i) => Math.abs(score - forward(graph, sample)[i]!)),
    );
  const worst = (by: Graph): number => Math.max(...differences(by));
  expect(worst(fitted)).toBeLessThan(worst(squared));
});

test('numbers that grow beyond all bounds', async () => {
  const huge = graph.nodes.map((node) =>
    node.kind === 'convolution'
      ? {
          ...node,
          weight: tensor(
            node.weight.shape,
            node.weight.data.map((w) => 1e200 * w),
          ),
        }
      : node,
  );
  expect(await describeError(() => calibrate({ ...graph, nodes: huge }, samples, [], keep))).toMatch(
    /^ERR_NETWORK sum.relu: its inputs grow beyond all bounds/,
  );
});

test('the samples that fit the memory, and how far the measurement has come', async () => {
  // first and first.relu, of 48 numbers each, and second and their sum.
  expect(mostSamples(graph)).toBe(Math.floor(2 ** 27 / 144));
  const seen: string[] = [];
  await calibrate(graph, samples, [], {
    ...keep,
    onNode: (name, done, total) => seen.push(`${name} ${done}/${total}`),
  });
  expect(seen.slice(0, 2)).toEqual(['first 1/12', 'first.relu 2/12']);
  expect(seen.at(-1)).toBe('scores 12/12');
});
