import { functionOf } from '../../activation-functions.js';
import type { Operation, ScalarFunction } from '../../graph.js';

/** A function of a number and its channel. */
export type Elementwise = (x: number, channel: number) => number;

export type BinaryOperator = 'add' | 'subtract' | 'multiply' | 'divide';

/**
 * What element by element operators make of one value of the graph. Exporters write one activation as several operators, each
 * in its own way: they are gathered here, and the function that they make together is recognised by its values.
 */
export type Expression = {
  /** Of the operator that makes it. */
  readonly name: string;
  /** The value that it is a function of. */
  readonly source: string;
  /** Operators in it, those that are evaluated twice counted twice. */
  readonly size: number;
  /** The value that holds it, once there is one. */
  held?: string | undefined;
} & (
  | { readonly kind: 'value' }
  | { readonly kind: 'unary'; readonly by: Elementwise; readonly of: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
);

/** An expression with more operators is computed up to there first. */
export const longestExpression = 64;

export function valueExpression(name: string): Expression {
  return { kind: 'value', name, source: name, size: 0, held: name };
}

export function unaryExpression(name: string, by: Elementwise, of: Expression): Expression {
  return { kind: 'unary', name, by, of, source: of.source, size: of.size + 1 };
}

/** Both of the same source. */
export function binaryExpression(
  name: string,
  operator: BinaryOperator,
  left: Expression,
  right: Expression,
): Expression {
  return { kind: 'binary', name, operator, left, right, source: left.source, size: left.size + right.size + 1 };
}

export const binaryFunctions: { readonly [Operator in BinaryOperator]: (left: number, right: number) => number } = {
  add: (left, right) => left + right,
  subtract: (left, right) => left - right,
  multiply: (left, right) => left * right,
  divide: (left, right) => left / right,
};

/** An expression where `base`, a part of it through which all that it reads goes, has the value x. */
function evaluate(expression: Expression, base: Expression, x: number, channel: number): number {
  if (expression === base || expression.kind === 'value') {
    return x;
  }
  if (expression.kind === 'unary') {
    return expression.by(evaluate(expression.of, base, x, channel), channel);
  }
  const left = evaluate(expression.left, base, x, channel);
  return binaryFunctions[expression.operator](left, evaluate(expression.right, base, x, channel));
}

/** The parts of an expression through which all that it reads goes, from the value that it is a function of to itself. */
function bases(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'value':
      return [expression];
    case 'unary':
      return [...bases(expression.of), expression];
    case 'binary': {
      const right = new Set(bases(expression.right));
      return [...bases(expression.left).filter((base) => right.has(base)), expression];
    }
  }
}

/** Where functions are compared: close together around zero, and far away, where limits show. */
const near = Array.from({ length: 65 }, (_, index) => (index - 32) / 4);
const far = [-1e4, -600, -80, -20, -11, 11, 20, 80, 600, 1e4];
const points = [...near, ...far];
/** Relative to the function's values around zero: constants of models have the precision of float32. */
const tolerance = 1e-5;

/**
 * The operation of the graph that an expression is of one of its parts, channel by channel, and that part: the one nearest
 * to the value that it is a function of. Undefined where there is none.
 */
export function recognise(
  expression: Expression,
  channels: number,
): { readonly operation: Operation; readonly base: Expression } | undefined {
  for (const base of bases(expression).slice(0, -1)) {
    const f: Elementwise = (x, channel) => evaluate(expression, base, x, channel);
    const operation = recogniseAffine(f, channels) ?? recogniseQuadratic(f, channels) ?? recogniseScalar(f, channels);
    if (operation !== undefined) {
      return { operation, base };
    }
  }
  return undefined;
}

function recogniseAffine(f: Elementwise, channels: number): Operation | undefined {
  const shift = perChannel(channels, (channel) => f(0, channel));
  const scale = perChannel(channels, (channel) => f(1, channel) - shift[channel]!);
  const same = agrees(f, (x, channel) => scale[channel]! * x + shift[channel]!, channels);
  return same ? { kind: 'batch-normalization', scale, shift } : undefined;
}

function recogniseQuadratic(f: Elementwise, channels: number): Operation | undefined {
  const k = perChannel(channels, (channel) => f(0, channel));
  const a = perChannel(channels, (channel) => (f(1, channel) + f(-1, channel)) / 2 - k[channel]!);
  const b = perChannel(channels, (channel) => (f(1, channel) - f(-1, channel)) / 2);
  const same = agrees(f, (x, channel) => (a[channel]! * x + b[channel]!) * x + k[channel]!, channels);
  return same ? { kind: 'activation', function: { name: 'quadratic', a, b, k }, range: undefined } : undefined;
}

/** Functions without parameters, then those whose parameter follows from f(-1). */
function candidates(below: number): readonly ScalarFunction[] {
  return [
    { name: 'relu' },
    { name: 'relu6' },
    { name: 'sigmoid' },
    { name: 'hard-sigmoid' },
    { name: 'tanh' },
    { name: 'gelu', approximation: 'none' },
    { name: 'gelu', approximation: 'tanh' },
    { name: 'silu' },
    { name: 'hard-swish' },
    { name: 'softplus' },
    { name: 'mish' },
    { name: 'leaky-relu', slope: rounded(-below) },
    { name: 'elu', alpha: rounded(below / Math.expm1(-1)) },
  ];
}

/** 0.01 in float32 is 0.009999999776: the number that was meant. */
function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

function recogniseScalar(f: Elementwise, channels: number): Operation | undefined {
  const by = candidates(f(-1, 0)).find((candidate) => {
    const value = functionOf(candidate);
    return agrees(f, value, channels);
  });
  return by && { kind: 'activation', function: by, range: undefined };
}

function perChannel(channels: number, value: (channel: number) => number): Float64Array {
  return Float64Array.from({ length: channels }, (_, channel) => value(channel));
}

function agrees(f: Elementwise, g: Elementwise, channels: number): boolean {
  for (let channel = 0; channel < channels; channel++) {
    const size = Math.max(...[-1, -0.5, 0.5, 1].map((x) => Math.abs(f(x, channel))), Number.MIN_VALUE);
    for (const x of points) {
      const value = f(x, channel);
      // Far away an exponential that is divided out again may overflow.
      const undefinedFar = !Number.isFinite(value) && Math.abs(x) > 80;
      if (!undefinedFar && !(Math.abs(value - g(x, channel)) <= tolerance * (size + Math.abs(value)))) {
        return false;
      }
    }
  }
  return true;
}
