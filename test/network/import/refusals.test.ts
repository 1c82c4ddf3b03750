import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { beforeEach, expect, test } from 'vitest';
import {
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from '../../../src/network/import/onnx/generated/onnx_pb.js';
import { importOnnx } from '../../../src/network/import/onnx/import-onnx.js';
import { readOnnxModel } from '../../../src/network/import/onnx/model.js';
import { refusedOperators } from '../../../src/network/import/onnx/operators/refused.js';
import { describeError } from '../../support/errors.js';
import { temporaryFolder } from '../../support/folders.js';
import { floats, int, ints, text, type WrittenModel, wholes, writeModel } from './model-support.js';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder, 'm.onnx');
});

async function refusalOf(model: WrittenModel): Promise<string> {
  await writeFile(file, writeModel(model));
  const message = await describeError(async () => importOnnx(await readOnnxModel(file)));
  return message.replaceAll(file, 'FILE');
}

const kernel = floats('w', [2, 2, 3, 3]);

const refusals: readonly (readonly [WrittenModel, string])[] = [
  [
    { nodes: [{ type: 'MaxPool', inputs: ['x'] }] },
    'the MaxPool (MaxPool) is not supported: the largest of several numbers',
  ],
  [{ nodes: [{ type: 'Sin', inputs: ['x'] }] }, 'the Sin (Sin) is not supported; docs/operators.md lists what is'],
  [{ nodes: [{ type: 'toString', inputs: ['x'] }] }, 'the toString (toString) is not supported; docs/operators.md'],
  [{ nodes: [{ type: 'Conv', inputs: ['x'], domain: 'com.example' }] }, 'operators of the domain com.example are not'],
  [{ nodes: [{ type: 'Relu', inputs: ['z'] }] }, 'the Relu (Relu) reads z, which nothing gives'],
  [{ nodes: [{ type: 'Relu', inputs: ['y'] }] }, 'the Relu (Relu) reads what depends on itself'],
  [
    {
      nodes: [
        { type: 'Relu', inputs: ['b'], output: 'a' },
        { type: 'Relu', inputs: ['a'], output: 'b' },
        { type: 'Add', inputs: ['x', 'b'] },
      ],
    },
    'reads what depends on itself',
  ],
  [
    { nodes: [{ type: 'Relu', inputs: ['x'] }], opset: 3 },
    'opset 3, expected 9 to 26; export the model with opset 13 to 20',
  ],
  [{ nodes: [] }, 'not an ONNX model, or one without a graph'],
  [{ nodes: [{ type: 'Identity', inputs: ['x'] }] }, 'its output is its input'],
  [{ nodes: [{ type: 'Softmax', inputs: ['x'] }] }, 'its output is its input'],
  [
    { shape: [4, 2, 4, 4], nodes: [{ type: 'Relu', inputs: ['x'] }] },
    'a batch of 4; export the model for a batch of 1',
  ],
  [
    { shape: [1, 2, 4], nodes: [{ type: 'Relu', inputs: ['x'] }] },
    'expected [1, channels, height, width] or [1, values]',
  ],
  [{ shape: [1, 3, 60000, 60000], nodes: [{ type: 'Relu', inputs: ['x'] }] }, 'expected at most 16777216 numbers'],
  [
    { shape: ['n', 3, 'h', 'w'], nodes: [{ type: 'Relu', inputs: ['x'] }] },
    'ERR_USAGE FILE: input x has extents [?, 3, ?, ?]; say --shape CHANNELS,HEIGHT,WIDTH',
  ],
  [{ nodes: [{ type: 'Sqrt', inputs: ['x'] }] }, 'the Sqrt: no function that circuits approximate'],
  [
    { nodes: [{ type: 'Conv', inputs: ['x', 'w'], attributes: [int('group', 2)] }], tensors: [kernel] },
    'has weights [2, 2, 3, 3] in 2 groups, which do not fit 2 channels',
  ],
  [
    { nodes: [{ type: 'Conv', inputs: ['x', 'w'], attributes: [ints('pads', [-1, 0, 0, 0])] }], tensors: [kernel] },
    'has pads -1, 0, 0, 0, expected four numbers from 0 to 65536',
  ],
  [
    { nodes: [{ type: 'Conv', inputs: ['x', 'w'], attributes: [ints('strides', [0, 1])] }], tensors: [kernel] },
    'has strides 0, 1, expected two numbers from 1 to 65536',
  ],
  [
    { nodes: [{ type: 'Conv', inputs: ['x', 'w'], attributes: [int('strides', 1)] }], tensors: [kernel] },
    'has the attribute strides of type INT, expected INTS',
  ],
  [
    { nodes: [{ type: 'Conv', inputs: ['x', 'w'], attributes: [ints('dilations', [9, 9])] }], tensors: [kernel] },
    'the_Conv (convolution) reads more rows or columns than its input has',
  ],
  [{ nodes: [{ type: 'Conv', inputs: ['x', 'x'] }] }, 'must have numbers of the model as input 2, found a feature map'],
  [{ nodes: [{ type: 'Conv', inputs: ['x'] }] }, 'must have numbers of the model as input 2, found nothing'],
  [{ nodes: [{ type: 'Gemm', inputs: ['x', 'w'] }], tensors: [floats('w', [32, 2])] }, 'put a Flatten before it'],
  [{ nodes: [{ type: 'MatMul', inputs: ['x', 'x'] }] }, 'multiplies two feature maps, as attention does'],
  [
    {
      nodes: [
        { type: 'Conv', inputs: ['x', 'w'], output: 'c', attributes: [ints('pads', [1, 1, 1, 1])] },
        { type: 'Mul', inputs: ['x', 'c'] },
      ],
      tensors: [kernel],
    },
    'multiplies two feature maps, as gates and squeeze-and-excitation do',
  ],
  [
    { nodes: [{ type: 'Add', inputs: ['x', 'w'] }], tensors: [floats('w', [1, 4], [1, 2, 3, 4])] },
    'numbers that differ from place to place',
  ],
  [
    { nodes: [{ type: 'Add', inputs: ['x', 'w'] }], tensors: [floats('w', [3, 1, 1])] },
    'expected one number for each channel',
  ],
  [
    {
      nodes: [
        { type: 'AveragePool', inputs: ['x'], attributes: [ints('kernel_shape', [3, 3]), ints('pads', [1, 1, 1, 1])] },
      ],
    },
    'averages fewer values at the borders than inside; export it with count_include_pad=True',
  ],
  [
    {
      nodes: [
        {
          type: 'AveragePool',
          inputs: ['x'],
          attributes: [ints('kernel_shape', [3, 3]), ints('strides', [2, 2]), int('ceil_mode', 1)],
        },
      ],
    },
    'has windows that reach beyond the border (ceil_mode)',
  ],
  [
    {
      nodes: [{ type: 'Resize', inputs: ['x', '', 's'], attributes: [text('mode', 'linear')] }],
      tensors: [floats('s', [4])],
    },
    'interpolates (linear); use mode nearest',
  ],
  [
    { nodes: [{ type: 'Resize', inputs: ['x', '', 's'] }], tensors: [floats('s', [4], [1, 1, 1.5, 1])] },
    'enlarges by [1, 1, 1.5, 1], expected [1, 1, rows, columns] with whole numbers',
  ],
  [
    {
      nodes: [{ type: 'Resize', inputs: ['x', '', 's'], attributes: [text('nearest_mode', 'ceil')] }],
      tensors: [floats('s', [4], [1, 1, 2, 2])],
    },
    'takes other neighbours than those of every element repeated',
  ],
  [
    { nodes: [{ type: 'Transpose', inputs: ['x'], attributes: [ints('perm', [0, 3, 2])] }] },
    'has the permutation 0, 3, 2 of 4 axes',
  ],
  [
    {
      nodes: [
        { type: 'Reshape', inputs: ['x', 's'], output: 'r' },
        { type: 'Conv', inputs: ['r', 'w'] },
      ],
      tensors: [wholes('s', [1, 2, 8, 2]), kernel],
    },
    'reads a tensor of extents [1, 2, 8, 2] where values lie as channels 2 x 4 x 4',
  ],
  [
    { nodes: [{ type: 'Reshape', inputs: ['x', 's'] }], tensors: [wholes('s', [1, 5, -1])] },
    'gives 32 numbers the extents',
  ],
  [
    { nodes: [{ type: 'Reshape', inputs: ['x', 's'] }], tensors: [wholes('s', [2, 16])] },
    'whose first is no batch of one',
  ],
  [
    {
      nodes: [
        { type: 'Pad', inputs: ['x', 's'], output: 'p' },
        { type: 'Relu', inputs: ['p'] },
      ],
      tensors: [wholes('s', [0, 0, 1, 1, 0, 0, 1, 1])],
    },
    'reads a feature map that a Pad has enlarged, which only Conv and AveragePool may',
  ],
  [
    {
      nodes: [{ type: 'Pad', inputs: ['x', 's'], attributes: [text('mode', 'reflect')] }],
      tensors: [wholes('s', [0, 0, 1, 1, 0, 0, 1, 1])],
    },
    'fills with mode reflect; only zeros can be added',
  ],
  [
    { nodes: [{ type: 'ReduceMean', inputs: ['x'], attributes: [ints('axes', [1])] }] },
    'expected height and width: 2, 3',
  ],
  [
    {
      nodes: [
        { type: 'Expand', inputs: ['w', 's'], output: 'e' },
        { type: 'Add', inputs: ['x', 'e'] },
      ],
      tensors: [floats('w', [1]), wholes('s', [2 ** 15, 2 ** 15])],
    },
    'makes a tensor of extents [32768, 32768], expected at most 1048576 numbers',
  ],
  [
    { nodes: [{ type: 'Add', inputs: ['x', 'w'] }], tensors: [floats('w', [2 ** 20, 2 ** 20], [1])] },
    'expected at most 268435456 numbers',
  ],
  [
    { nodes: [{ type: 'Add', inputs: ['x', 'w'] }], tensors: [floats('w', [2], [1])] },
    'tensor w of extents [2] must have 2 numbers, found 1',
  ],
  [
    { nodes: [{ type: 'Add', inputs: ['x', 'w'] }], tensors: [floats('w', [1], [Number.NaN])] },
    'tensor w holds NaN at position 0',
  ],
  [
    { nodes: [{ type: 'Add', inputs: ['x', 'w'] }], tensors: [{ ...floats('w', [1]), dataType: 17 }] },
    'tensor w has element type 17',
  ],
  [
    {
      nodes: [{ type: 'BatchNormalization', inputs: ['x', 'w', 'w', 'w', 'v'] }],
      tensors: [floats('w', [2]), floats('v', [2], [-3, 1])],
    },
    'has a variance that is not above -epsilon',
  ],
  [
    {
      nodes: [{ type: 'Relu', inputs: ['x'] }],
      change: (graph) => graph.output.push(graph.output[0]!),
    },
    'it has the outputs y, y, expected one',
  ],
  [
    {
      nodes: [
        { type: 'Relu', inputs: ['x'] },
        { type: 'Relu', inputs: ['x'] },
      ],
    },
    'has no output of its own',
  ],
];

test.each(refusals)('%#', async (model, message) => {
  const found = await refusalOf(model);
  expect(found).toContain(message);
  expect(found).toMatch(/^ERR_(NETWORK|USAGE) (network )?FILE: /);
});

test.each(Object.entries(refusedOperators))('%s is refused with advice', async (type, advice) => {
  const nodes = [
    { type, inputs: ['x'], output: 'z' },
    { type: 'Relu', inputs: ['z'] },
  ];
  expect(await refusalOf({ nodes })).toContain(`the ${type} (${type}) is not supported: ${advice}`);
});

/** A tensor whose data lies in another file. */
function external(entries: Readonly<Record<string, string>>): TensorProto {
  return create(TensorProtoSchema, {
    name: 'w',
    dims: [2n, 1n, 1n],
    dataType: 1,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });
}

const adding = { nodes: [{ type: 'Add', inputs: ['x', 'w'] }] };

test('data in another file of the folder', async () => {
  const bytes = Buffer.alloc(16);
  bytes.writeFloatLE(5, 4);
  bytes.writeFloatLE(7, 8);
  await writeFile(join(folder, 'm.data'), bytes);
  await writeFile(
    file,
    writeModel({ ...adding, tensors: [external({ location: 'm.data', offset: '4', length: '8' })] }),
  );
  const { graph } = importOnnx(await readOnnxModel(file));
  expect(graph.nodes).toMatchObject([{ kind: 'batch-normalization', shift: Float64Array.of(5, 7) }]);
  const message = await refusalOf({
    ...adding,
    tensors: [external({ location: 'm.data', offset: '12', length: '8' })],
  });
  expect(message).toContain('should be 8 bytes from 12 on in m.data, which has 16');
});

test('data outside the folder', async () => {
  const outside = join(await temporaryFolder(), 'secret.data');
  await writeFile(outside, Buffer.alloc(8));
  await symlink(outside, join(folder, 'link.data'));
  await mkdir(join(folder, 'sub'));
  for (const location of [
    outside,
    '../secret.data',
    'link.data',
    '/etc/hostname',
    'sub/../../x',
    '',
    'none',
    'a\0b',
    '.',
  ]) {
    expect(await refusalOf({ ...adding, tensors: [external({ location })] })).toContain(
      "expected a file in the model's folder; copy it there",
    );
  }
  expect(await refusalOf({ ...adding, tensors: [external({ location: 'sub' })] })).toMatch(/should be .* in sub/);
});
