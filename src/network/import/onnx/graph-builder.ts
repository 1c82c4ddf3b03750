import { FheError } from '../../../errors.js';
import { elementCount } from '../../../tensor/tensor.js';
import { limits } from '../../folder/limits.js';
import type { Node, Operation, Shape } from '../../graph.js';
import { shapeAfter } from '../../shapes.js';
import {
  type BinaryOperator,
  binaryExpression,
  type Elementwise,
  type Expression,
  longestExpression,
  recognise,
  unaryExpression,
  valueExpression,
} from './expression.js';
import { type Feature, isPlain, plainOrder } from './value.js';

const longestName = 120;

/** The nodes of the graph as the operators of a model add them. */
export class GraphBuilder {
  readonly network: string;
  readonly nodes: Node[] = [];
  readonly #shapes = new Map<string, Shape>();

  constructor(network: string) {
    this.network = network;
  }

  /** A value that the graph is given. */
  input(name: string, shape: Shape, dims: readonly number[], order: Feature['order'] = plainOrder): Feature {
    this.#shapes.set(name, shape);
    return { kind: 'feature', dims, shape, order, expression: valueExpression(name) };
  }

  /** Adds a node named after an operator of the model. Throws ERR_NETWORK where it does not fit what it reads. */
  emit(operation: Operation, inputs: readonly string[], name: string): Expression {
    const node: Node = { name: this.unusedName(name), inputs, ...operation };
    const shape = shapeAfter(
      this.network,
      node,
      inputs.map((input) => this.#shapes.get(input)!),
    );
    if (this.nodes.length === limits.nodes || elementCount(shape) > limits.elements) {
      throw new FheError(
        'ERR_NETWORK',
        `${this.network}: ${name} is more than a network may have: ${limits.nodes} nodes, and values of ` +
          `${limits.elements} numbers; found one of shape [${shape.join(', ')}]`,
      );
    }
    this.nodes.push(node);
    this.#shapes.set(node.name, shape);
    return valueExpression(node.name);
  }

  shapeOf(expression: Expression): Shape {
    return this.#shapes.get(expression.source)!;
  }

  /** A feature map in plain order whose value is a new node's. */
  feature(expression: Expression, dims: (shape: Shape) => readonly number[] = gridDims): Feature {
    const shape = this.shapeOf(expression);
    return { kind: 'feature', dims: dims(shape), shape, order: plainOrder, expression };
  }

  /** An element by element function of a feature map. */
  unary(by: Elementwise, feature: Feature, name: string): Feature {
    return { ...feature, expression: this.#shortened(unaryExpression(name, by, feature.expression)) };
  }

  /** An element by element function of two feature maps that are functions of the same value. */
  binary(operator: BinaryOperator, left: Feature, right: Feature, name: string): Feature {
    const expression = binaryExpression(name, operator, left.expression, right.expression);
    return { ...left, expression: this.#shortened(expression) };
  }

  #shortened(expression: Expression): Expression {
    return expression.size > longestExpression ? valueExpression(this.#hold(expression)) : expression;
  }

  /**
   * The name of the value that holds a feature map's expression, which is computed here unless it was before: as one
   * function of one of its parts, else as a sum of two. Throws ERR_NETWORK for what is none of the functions of the graph.
   */
  valueOf({ expression }: Feature): string {
    return this.#hold(expression);
  }

  #hold(expression: Expression): string {
    expression.held ??= this.#compute(expression);
    return expression.held;
  }

  #compute(expression: Expression): string {
    const { name } = expression;
    const recognised = recognise(expression, this.shapeOf(expression)[0]);
    if (recognised !== undefined) {
      const { operation, base } = recognised;
      const input = this.#hold(base);
      return isIdentity(operation) ? input : this.emit(operation, [input], name).source;
    }
    if (expression.kind === 'binary' && (expression.operator === 'add' || expression.operator === 'subtract')) {
      const left = this.#hold(expression.left);
      return this.sum(left, this.#hold(expression.right), expression.operator === 'subtract', name);
    }
    throw new FheError(
      'ERR_NETWORK',
      `${this.network}: ${name}: no function that circuits approximate, alone or with the operators before it; use ReLU, ` +
        'LeakyReLU, ELU, Sigmoid, Tanh, GELU, SiLU, Mish, Softplus, Hardswish or a square',
    );
  }

  /** left + right, or left - right. */
  sum(left: string, right: string, negated: boolean, name: string): string {
    const [channels] = this.#shapes.get(right)!;
    const summand = negated
      ? this.emit(
          {
            kind: 'batch-normalization',
            scale: new Float64Array(channels).fill(-1),
            shift: new Float64Array(channels),
          },
          [right],
          `${name}.negated`,
        ).source
      : right;
    return this.emit({ kind: 'add' }, [left, summand], name).source;
  }

  unusedName(name: string): string {
    const base = nodeName(name);
    let result = base;
    for (let count = 2; this.#shapes.has(result); count++) {
      result = `${base}_${count}`;
    }
    return result;
  }
}

export function gridDims(shape: Shape): readonly number[] {
  return [1, ...shape];
}

/** A model's name as a node's: its scopes divided by dots. */
function nodeName(name: string): string {
  const parts = name.split(/[/.:]+/).map((part) => part.replace(/[^A-Za-z0-9_-]+/g, '_').replace(/^-+/, ''));
  const result = parts.filter((part) => part !== '').join('.');
  return result === '' ? 'node' : result.slice(-longestName).replace(/^[.-]+/, '');
}

function isIdentity(operation: Operation): boolean {
  return (
    operation.kind === 'batch-normalization' &&
    operation.scale.every((value) => Math.abs(value - 1) < 1e-12) &&
    operation.shift.every((value) => value === 0)
  );
}

/** Whether two feature maps lie alike. */
export function sameLayout(left: Feature, right: Feature): boolean {
  const alike = (a: readonly number[], b: readonly number[]): boolean =>
    a.length === b.length && a.every((value, index) => value === b[index]);
  return alike(left.dims, right.dims) && alike(left.shape, right.shape) && alike(left.order, right.order);
}

/** The model's tensor as one row of numbers: for each, the position in the graph's value. */
export function positionsOf(feature: Feature): Int32Array {
  const { shape, order } = feature;
  const count = elementCount(shape);
  if (isPlain(feature)) {
    return Int32Array.from({ length: count }, (_, index) => index);
  }
  const strides = [shape[1] * shape[2], shape[2], 1];
  return Int32Array.from({ length: count }, (_, index) => {
    let rest = index;
    let position = 0;
    for (const axis of order.toReversed()) {
      position += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return position;
  });
}
