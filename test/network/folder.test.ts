import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { readNetworkDescription, readNetworkFolder } from '../../src/network/folder/read.js';
import { encodeNetwork } from '../../src/network/folder/write.js';
import { forward } from '../../src/network/forward.js';
import type { ActivationFunction, Graph, Node } from '../../src/network/graph.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';
import { convolutionNode, denseNode, graphOf, normalizationNode } from '../support/nodes.js';
import { randomTensor } from '../support/random.js';

const functions: readonly ActivationFunction[] = [
  { name: 'relu' },
  { name: 'relu6' },
  { name: 'leaky-relu', slope: 0.01 },
  { name: 'elu', alpha: 1.5 },
  { name: 'sigmoid' },
  { name: 'hard-sigmoid' },
  { name: 'tanh' },
  { name: 'gelu', approximation: 'none' },
  { name: 'gelu', approximation: 'tanh' },
  { name: 'silu' },
  { name: 'hard-swish' },
  { name: 'softplus' },
  { name: 'mish' },
  { name: 'quadratic', a: Float64Array.of(1, 2), b: Float64Array.of(3, 4), k: Float64Array.of(5, 6) },
  { name: 'polynomial', coefficients: Float64Array.of(0.5, 0.25, 0.125), bound: 8 },
];

const activations = functions.map(
  (by, index): Node => ({
    kind: 'activation',
    name: `f${index}`,
    inputs: ['mean'],
    function: by,
    range: index % 2 === 0 ? undefined : { max: 4, quantile9999: 3, bound: 5 },
  }),
);

/** Every kind of node and every function. */
function everything(): Graph {
  const nodes: Node[] = [
    convolutionNode(
      'conv/1',
      'x',
      { weight: [2, 3, 3, 2], stride: [2, 1], dilation: [1, 2], pads: [1, 0, 2, 1], width: 'circular' },
      1,
    ),
    normalizationNode('norm', 'conv/1', 2, 2),
    { kind: 'average-pool', name: 'mean', inputs: ['norm'], kernel: [2, 2], stride: [1, 2] },
    ...activations,
    { kind: 'add', name: 'sum', inputs: activations.map(({ name }) => name) },
    { kind: 'upsample', name: 'larger', inputs: ['sum'], factor: [2, 1] },
    { kind: 'concatenate', name: 'both', inputs: ['larger', 'larger'] },
    denseNode('scores', 'both', 3, 4 * 6 * 4, 3),
  ];
  return {
    ...graphOf([3, 8, 8], nodes),
    name: 'everything',
    inputs: [{ name: 'x', shape: [3, 8, 8], kind: 'picture', mean: [0.5, 0.25, 0], deviation: [1, 2, 0.5] }],
    outputs: [{ name: 'scores', kind: 'scores', classes: ['cat', 'dog', 'ünknown thing'], bound: 12 }],
  };
}

const calibration = { samples: 100, heldOut: 25, margin: 1.25, outOfRange: 0.04 };

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
});

async function write(network: Graph): Promise<Record<string, unknown>> {
  const { description, weights } = encodeNetwork(network, calibration);
  await writeFile(join(folder, 'network.json'), description);
  await writeFile(join(folder, 'weights.safetensors'), weights);
  return JSON.parse(description);
}

test('every operation and every function is what it was', async () => {
  await write(everything());
  const read = await readNetworkFolder(folder);
  expect(read.calibration).toEqual(calibration);
  expect({ ...read.graph, weightsHash: '', nodes: [] }).toEqual({ ...everything(), weightsHash: '', nodes: [] });
  const rounded = read.graph.nodes.map((node) => JSON.parse(JSON.stringify(node)));
  const single = (_: string, value: unknown) => (typeof value === 'number' ? Math.fround(value) : value);
  const original = everything().nodes.map((node) => JSON.parse(JSON.stringify(node, single)));
  expect(rounded.map((node) => JSON.parse(JSON.stringify(node, single)))).toEqual(original);
  const picture = randomTensor([3, 8, 8], 7);
  forward(read.graph, picture).forEach((score, index) => {
    expect(score).toBeCloseTo(forward(everything(), picture)[index]!, 4);
  });
});

test('inputs and outputs are known without the weights', async () => {
  const { description } = encodeNetwork(everything(), undefined);
  await writeFile(join(folder, 'network.json'), description);
  const { inputs, outputs, calibration: none } = await readNetworkDescription(folder);
  expect({ inputs, outputs }).toEqual({ inputs: everything().inputs, outputs: everything().outputs });
  expect(none).toBeUndefined();
});

test('pictures and values as outputs', async () => {
  const nodes = [convolutionNode('y', 'x', { weight: [3, 4, 1, 1] }, 1)];
  const values = { ...graphOf([4, 8, 8], nodes), outputs: [{ name: 'y', kind: 'values' as const }] };
  const input = { ...values.inputs[0]!, kind: 'values' as const };
  for (const outputs of [
    values.outputs,
    [{ name: 'y', kind: 'picture' as const, mean: [0, 0.5, 1], deviation: [1, 2, 3], bound: 2 }],
  ]) {
    await write({ ...values, inputs: [input], outputs });
    expect((await readNetworkFolder(folder)).graph.outputs).toEqual(outputs);
  }
});

/** A value of the description to replace, by the names and positions that lead to it, and the end of the message. */
type Refusal = readonly [path: readonly (string | number)[], value: unknown, message: string];

const refusals: readonly Refusal[] = [
  [['format'], 'onnx', 'format must be one of resnet20-fhe-network, found "onnx"'],
  [['version'], 2, 'version must be 1, found 2; import the model again with this version of the program'],
  [['name'], '../up', 'name must be a name of letters, digits, "_", ".", "/" and "-", 200 at most, found "../up"'],
  [['author'], 'me', 'author is not a field here'],
  [['inputs'], [], 'inputs must be a list of 1 to 64 objects, found []'],
  [['inputs', 0, 'kind'], 'text', 'inputs[0].kind must be one of picture, values, found "text"'],
  [['inputs', 0, 'shape'], [3, 8.5, 8], 'inputs[0].shape must be a list of 3 whole numbers from 1 to 65536'],
  [['inputs', 0, 'shape'], [65536, 65536, 1], 'inputs[0].shape must be the shape of 16777216 numbers at most'],
  [['inputs', 0, 'shape'], [2, 8, 8], 'inputs[0].shape must be the shape of a picture, with one channel or three'],
  [['inputs', 0, 'mean'], [0], 'inputs[0].mean must be a list of 3 numbers, found [0]'],
  [['inputs', 0, 'deviation'], [1, 0, 1], 'inputs[0].deviation must be a list of numbers above 0, found [1,0,1]'],
  [['outputs', 0, 'classes', 0], '\u001b[2J', 'none a control, found ["\\u001b[2J","dog","ünknown thing"]'],
  [
    ['outputs', 0, 'classes'],
    ['cat'],
    'output scores must be of shape [1, 1, 1], one number per class, found shape [3, 1, 1]',
  ],
  [['outputs', 0, 'name'], 'other', 'output other must be the name of a node, found none of this name'],
  [['outputs', 0, 'name'], 'x', 'output x must be the name of a node, found an input'],
  [['outputs', 0, 'bound'], -1, 'outputs[0].bound must be a number above 0, found -1'],
  [
    ['weights', 'file'],
    '../weights.safetensors',
    'weights.file must be the name of a .safetensors file in the same folder',
  ],
  [['weights', 'sha256'], 'beef', 'weights.sha256 must be 64 hexadecimal digits, found "beef"'],
  [['calibration', 'margin'], 0, 'calibration.margin must be a number above 0, found 0'],
  [['nodes', 0, 'name'], 'a b', 'nodes[0].name must be a name of letters'],
  [['nodes', 0, 'kind'], 'max-pool', 'nodes[0].kind must be one of convolution, batch-normalization, dense'],
  [['nodes', 0, 'weight'], 'none', 'nodes[0].weight must be the name of a tensor in'],
  [
    ['nodes', 0, 'weight'],
    'conv/1.bias',
    'of shape [1 or more, 1 or more, 1 or more, 1 or more] (that of conv/1.bias is [2])',
  ],
  [['nodes', 0, 'bias'], 'scores.bias', 'the name of a tensor of shape [2] (that of scores.bias is [3])'],
  [['nodes', 0, 'stride'], [0, 1], 'nodes[0].stride must be a list of 2 whole numbers from 1 to 65536, found [0,1]'],
  [['nodes', 0, 'groups'], 3, 'nodes[0].groups must be a divisor of the 2 outputs, found 3'],
  [['nodes', 0, 'padding', 'top'], -1, 'nodes[0].padding.top must be a whole number from 0 to 65536, found -1'],
  [['nodes', 0, 'padding', 'width'], 'mirror', 'nodes[0].padding.width must be one of zero, circular, found "mirror"'],
  [['nodes', 0, 'pads'], 1, 'nodes[0].pads is not a field here; expected name, inputs, kind'],
  [['nodes', 1, 'inputs'], ['later'], 'norm (batch-normalization) reads later, which no earlier node gives'],
  [['nodes', 1, 'inputs'], 'x', 'nodes[1].inputs must be a list of texts, found "x"'],
  [['nodes', 1, 'name'], 'conv/1', 'conv/1 (batch-normalization) has the name of another value'],
  [['nodes', 2, 'kernel'], [99, 1], 'mean (average-pool) reads more rows or columns than its input has'],
  [['nodes', 3, 'function', 'name'], 'sine', 'nodes[3].function.name must be one of relu, relu6'],
  [['nodes', 3, 'function', 'slope'], 1, 'nodes[3].function.slope is not a field here; expected name'],
  [['nodes', 4, 'range', 'bound'], null, 'nodes[4].range.bound must be a number, found null'],
  [['nodes', 18, 'inputs'], ['f0', 'f1'], 'nothing reads the node f2; remove it, or name it an output'],
  [['__proto__', 'polluted'], 1, '__proto__ is not a field here'],
];

test.each(refusals)('%j: %j is refused', async (path, value, message) => {
  const json = await write(everything());
  const parents = path.slice(0, -1).reduce((found: unknown, step) => {
    const object = found as Record<string | number, unknown>;
    if (!Object.hasOwn(object, step)) {
      Object.defineProperty(object, step, { value: {}, enumerable: true });
    }
    return object[step];
  }, json) as Record<string | number, unknown>;
  parents[path.at(-1)!] = value;
  await writeFile(join(folder, 'network.json'), JSON.stringify(json));
  const found = await describeError(() => readNetworkFolder(folder));
  expect(found).toMatch(/^ERR_NETWORK /);
  expect(found).toContain(message);
});

test('values too large for memory are refused before they are computed', async () => {
  const nodes: Node[] = [{ kind: 'upsample', name: 'y', inputs: ['x'], factor: [65536, 65536] }];
  await write({ ...graphOf([1, 8, 8], nodes), outputs: [{ name: 'y', kind: 'values' }] });
  expect(await describeError(() => readNetworkFolder(folder))).toBe(
    `ERR_NETWORK ${join(folder, 'network.json')}: y has shape [1, 524288, 524288]; a value may have 16777216 numbers`,
  );
});

describe('what is no description', () => {
  test.each([
    ['', 'not JSON'],
    ['[]', 'the description of a network must be an object'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'not JSON|must be an object'],
    ['{"format": "resnet20-fhe-network", "version": 1e999}', 'version must be a number, found null'],
  ])('%#', async (text, message) => {
    await writeFile(join(folder, 'network.json'), text);
    expect(await describeError(() => readNetworkFolder(folder))).toMatch(new RegExp(`^ERR_NETWORK .*(${message})`));
  });
});

test('a folder without a network', async () => {
  expect(await describeError(() => readNetworkFolder(folder))).toBe(
    `ERR_FILE ${join(folder, 'network.json')}: no such file; ` +
      'expected a folder that holds a network, as resnet20-fhe import writes it',
  );
});

test('weights of another network, and tensors that nothing names', async () => {
  const json = await write(everything());
  const { weights } = encodeNetwork({ ...everything(), nodes: everything().nodes.slice(0, 2) }, undefined);
  await writeFile(join(folder, 'weights.safetensors'), weights);
  expect(await describeError(() => readNetworkFolder(folder))).toMatch(
    /^ERR_WEIGHTS .*SHA-256 must be [0-9a-f]{64} by network.json, found [0-9a-f]{64}; import the model again$/,
  );
  await write(everything());
  json.nodes = (json.nodes as object[]).slice(0, 3);
  await writeFile(join(folder, 'network.json'), JSON.stringify(json));
  expect(await describeError(() => readNetworkFolder(folder))).toMatch(
    /^ERR_WEIGHTS .*no node of network.json names tensor f13.a$/,
  );
});

test.each(['network.json', 'weights.safetensors'])('%s may be no link to another place', async (name) => {
  await write(everything());
  const elsewhere = join(await temporaryFolder(), name);
  await rename(join(folder, name), elsewhere);
  await symlink(elsewhere, join(folder, name));
  expect(await describeError(() => readNetworkFolder(folder))).toBe(
    `ERR_NETWORK ${join(folder, name)}: a link to a place outside its folder; copy the file itself there`,
  );
});

test('weights that are a folder', async () => {
  await write(everything());
  await rm(join(folder, 'weights.safetensors'));
  await mkdir(join(folder, 'weights.safetensors'));
  expect(await describeError(() => readNetworkFolder(folder))).toMatch(
    /^ERR_WEIGHTS .*expected a file, found a folder/,
  );
});
