import { expect, test } from 'vitest';
import type { LayerGraph } from '../../../src/lowering/layers.js';
import { groupLinearLayers } from '../../../src/lowering/passes/group-linear-layers.js';
import { forward } from '../../../src/network/forward.js';
import type { Graph, Node } from '../../../src/network/graph.js';
import { largestDifference } from '../../support/differences.js';
import { evaluateLayers } from '../../support/evaluate-layers.js';
import { convolutionNode, denseNode, graphOf, quadraticNode } from '../../support/nodes.js';
import { randomTensor } from '../../support/random.js';

const image = randomTensor([3, 4, 6], 1);
const same = { weight: [3, 3, 3, 3], pads: [1, 1, 1, 1] } as const;

function expectSame(nodes: readonly Node[], changes: Partial<Graph> = {}): LayerGraph {
  const graph = { ...graphOf([3, 4, 6], nodes), ...changes };
  const layers = groupLinearLayers(graph);
  const values = evaluateLayers(layers, image);
  expect(largestDifference(values.get(layers.output)!.data, forward(graph, image))).toBeLessThan(1e-11);
  expect(new Set(layers.layers.map(({ name }) => name)).size).toBe(layers.layers.length);
  const activated = layers.layers.flatMap((layer) => (layer.kind === 'activation' ? [layer.source] : []));
  for (const name of [...activated, layers.output]) {
    expect(layers.layers.find((layer) => layer.name === name)?.kind).toBe('linear');
  }
  expect(new Set([...activated, layers.output]).size, 'a layer is followed by one activation, or is the output').toBe(
    activated.length + 1,
  );
  return layers;
}

/** Every layer as its name and what it reads. */
function wiring({ layers }: LayerGraph): string[][] {
  return layers.map((layer) =>
    layer.kind === 'linear' ? [layer.name, ...layer.branches.map(({ source }) => source)] : [layer.name, layer.source],
  );
}

test('a sum of two convolutions is one layer, with the name of the first', () => {
  const layers = expectSame([
    convolutionNode('c', 'x', same, 2),
    convolutionNode('d', 'x', { weight: [3, 3, 1, 1] }, 3),
    { kind: 'add', name: 'sum', inputs: ['c', 'd'] },
    quadraticNode('a', 'sum', 3, 4),
    denseNode('head', 'a', 2, 72, 5),
  ]);
  expect(wiring(layers)).toEqual([
    ['c', 'x', 'x'],
    ['a', 'c'],
    ['head', 'a'],
  ]);
});

test('an identity branch reads the value that it passes on', () => {
  const layers = expectSame([
    convolutionNode('c', 'x', same, 2),
    quadraticNode('a', 'c', 3, 3),
    convolutionNode('d', 'a', same, 4),
    { kind: 'add', name: 'sum', inputs: ['a', 'd', 'x'] },
  ]);
  expect(wiring(layers)).toEqual([
    ['c', 'x'],
    ['a', 'c'],
    ['d', 'a', 'a', 'x'],
  ]);
});

test('a sum of sums is one layer; a value that is added to itself counts twice', () => {
  const layers = expectSame([
    convolutionNode('c', 'x', same, 2),
    { kind: 'add', name: 'twice', inputs: ['x', 'x'] },
    { kind: 'add', name: 'sum', inputs: ['twice', 'c'] },
  ]);
  expect(layers.layers).toHaveLength(1);
  expect(layers.layers[0]!.name).toBe('twice');
});

test('a concatenation puts the channels of its branches one after another', () => {
  const layers = expectSame([
    convolutionNode('c', 'x', { weight: [2, 3, 3, 3], pads: [1, 1, 1, 1] }, 2),
    convolutionNode('d', 'x', { weight: [4, 3, 1, 1] }, 3),
    { kind: 'concatenate', name: 'joined', inputs: ['c', 'x', 'd'] },
    quadraticNode('a', 'joined', 9, 4),
    convolutionNode('e', 'a', { weight: [2, 9, 1, 1] }, 5),
  ]);
  const [first] = layers.layers;
  expect(first).toMatchObject({ name: 'c', shape: [9, 4, 6] });
  expect(first?.kind === 'linear' && first.branches.map(({ firstChannel }) => firstChannel)).toEqual([0, 2, 5]);
});

test('a concatenation of sums, and a sum of concatenations', () => {
  expectSame([
    convolutionNode('c', 'x', same, 2),
    convolutionNode('d', 'x', { weight: [6, 3, 1, 1] }, 3),
    { kind: 'add', name: 'sum', inputs: ['c', 'x'] },
    { kind: 'concatenate', name: 'joined', inputs: ['x', 'sum'] },
    { kind: 'add', name: 'all', inputs: ['joined', 'd'] },
  ]);
});

test('an activation straight on an input gets a linear layer of its own', () => {
  const layers = expectSame([quadraticNode('a', 'x', 3, 2), convolutionNode('c', 'a', same, 3)]);
  expect(wiring(layers)).toEqual([
    ['a.input', 'x'],
    ['a', 'a.input'],
    ['c', 'a'],
  ]);
});

test('an activation of an activation, and an output that is an activation or the input', () => {
  const layers = expectSame([quadraticNode('a', 'x', 3, 2), quadraticNode('b', 'a', 3, 3)]);
  expect(wiring(layers).slice(2)).toEqual([
    ['b.input', 'a'],
    ['b', 'b.input'],
    ['b.output', 'b'],
  ]);
  expectSame([quadraticNode('a', 'x', 3, 2)], { outputs: [{ name: 'x', kind: 'scores', classes: [] }] });
});

test('names that the network uses are not used again', () => {
  expectSame([
    convolutionNode('a.input', 'x', same, 2),
    { kind: 'add', name: 'sum', inputs: ['a.input', 'x'] },
    quadraticNode('a', 'x', 3, 3),
    convolutionNode('b.output', 'sum', same, 5),
    { kind: 'add', name: 'all', inputs: ['a', 'b.output', 'sum'] },
    quadraticNode('b', 'all', 3, 4),
  ]);
});

test('two activations of one sum, one that others read too, and an output that is activated elsewhere', () => {
  const sum: readonly Node[] = [
    convolutionNode('c', 'x', same, 2),
    { kind: 'add', name: 'sum', inputs: ['c', 'x'] },
    quadraticNode('a', 'sum', 3, 3),
    quadraticNode('b', 'sum', 3, 4),
  ];
  expectSame([...sum, convolutionNode('d', 'a', same, 5), { kind: 'add', name: 'all', inputs: ['sum', 'd', 'b'] }]);
  const layers = expectSame(sum, { outputs: [{ name: 'sum', kind: 'scores', classes: [] }] });
  expect(layers.layers.filter(({ kind }) => kind === 'linear')).toHaveLength(3);
});

test('upsampled values and fully connected layers are layers too', () => {
  expectSame([
    convolutionNode('c', 'x', { weight: [3, 3, 2, 2], stride: [2, 2] }, 2),
    quadraticNode('a', 'c', 3, 3),
    { kind: 'upsample', name: 'u', inputs: ['a'], factor: [2, 2] },
    { kind: 'concatenate', name: 'joined', inputs: ['u', 'x'] },
    quadraticNode('b', 'joined', 6, 4),
    denseNode('head', 'b', 2, 144, 5),
  ]);
});
