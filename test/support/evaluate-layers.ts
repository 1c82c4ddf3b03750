import type { ActivationLayer, Branch, LayerGraph, LinearLayer } from '../../src/lowering/layers.js';
import type { LinearOperator } from '../../src/lowering/operators.js';
import { evaluateNode } from '../../src/network/forward.js';
import type { Shape } from '../../src/network/graph.js';
import { elementCount, type Tensor, tensor } from '../../src/tensor/tensor.js';

/** Value of every layer and of the input, by name, from the plain evaluation of single nodes. */
export function evaluateLayers(
  graph: LayerGraph,
  image: Tensor,
  activate: (layer: ActivationLayer, input: Tensor) => Tensor = asStated,
): ReadonlyMap<string, Tensor> {
  const values = new Map([[graph.input.name, image]]);
  for (const layer of graph.layers) {
    values.set(
      layer.name,
      layer.kind === 'linear' ? evaluateLinear(layer, values) : activate(layer, values.get(layer.source)!),
    );
  }
  return values;
}

/** An activation's function as it stands in the network. */
function asStated({ name, function: of, range }: ActivationLayer, input: Tensor): Tensor {
  return evaluateNode({ kind: 'activation', name, inputs: [], function: of, range }, [input]);
}

function evaluateLinear(layer: LinearLayer, values: ReadonlyMap<string, Tensor>): Tensor {
  const [channels, height, width] = layer.shape;
  const plane = height * width;
  const spread = layer.bias.data.length === channels ? plane : 1;
  const sum = tensor(
    layer.shape,
    Float64Array.from({ length: channels * plane }, (_, index) => layer.bias.data[Math.floor(index / spread)]!),
  );
  for (const branch of layer.branches) {
    addBranch(sum, branch, values.get(branch.source)!);
  }
  return sum;
}

function addBranch(sum: Tensor, { operator, firstChannel }: Branch, input: Tensor): void {
  const [, height, width] = sum.shape as [number, number, number];
  const result = evaluateOperator(operator, input);
  const first = firstChannel * height * width;
  for (const [index, value] of result.data.entries()) {
    sum.data[first + index]! += value;
  }
}

/** An operator's result, of the shape that it states. */
export function evaluateOperator(operator: LinearOperator, input: Tensor): Tensor {
  const node = { name: 'operator', inputs: [] };
  switch (operator.kind) {
    case 'convolution':
      return firstCells(
        evaluateNode({ ...node, ...operator, bias: new Float64Array(operator.output[0]) }, [input]),
        operator.output,
      );
    case 'dense': {
      const weight = tensor([operator.output[0], elementCount(operator.input)], operator.weight.data);
      return evaluateNode({ ...node, kind: 'dense', weight, bias: new Float64Array(operator.output[0]) }, [input]);
    }
    case 'upsample': {
      const { gain, input: shape } = operator;
      const scale = { ...node, kind: 'batch-normalization', scale: gain, shift: new Float64Array(shape[0]) } as const;
      return evaluateNode({ ...node, kind: 'upsample', factor: operator.factor }, [evaluateNode(scale, [input])]);
    }
  }
}

function firstCells(image: Tensor, [channels, height, width]: Shape): Tensor {
  const [, rows, columns] = image.shape as [number, number, number];
  return tensor(
    [channels, height, width],
    Float64Array.from({ length: channels * height * width }, (_, index) => {
      const column = index % width;
      const row = Math.floor(index / width) % height;
      const channel = Math.floor(index / (width * height));
      return image.data[(channel * rows + row) * columns + column]!;
    }),
  );
}
