import { expect, test } from 'vitest';
import { erf, functionOf, scalarFunctionNames } from '../../src/network/activation-functions.js';
import { evaluateNode } from '../../src/network/forward.js';
import { type ActivationFunction, type ScalarFunction, topologyHash } from '../../src/network/graph.js';
import { tensor } from '../../src/tensor/tensor.js';
import { graphOf } from '../support/nodes.js';

const at = [-3, -0.75, 0.5, 2];

/** Values at these four, from Python's math module where they are not obvious. */
const expected: readonly { readonly by: ScalarFunction; readonly values: readonly number[] }[] = [
  { by: { name: 'relu' }, values: [0, 0, 0.5, 2] },
  { by: { name: 'relu6' }, values: [0, 0, 0.5, 2] },
  { by: { name: 'leaky-relu', slope: 0.1 }, values: [-0.3, -0.075, 0.5, 2] },
  { by: { name: 'elu', alpha: 2 }, values: [2 * (Math.exp(-3) - 1), 2 * (Math.exp(-0.75) - 1), 0.5, 2] },
  {
    by: { name: 'sigmoid' },
    values: [0.04742587317756678, 0.320821300824607, 0.6224593312018546, 0.8807970779778823],
  },
  { by: { name: 'hard-sigmoid' }, values: [0, 0.375, 0.5 + 1 / 12, 0.5 + 1 / 3] },
  { by: { name: 'tanh' }, values: at.map(Math.tanh) },
  {
    by: { name: 'gelu', approximation: 'none' },
    values: [-0.00404969409489031, -0.16997051428265114, 0.34573123063700656, 1.9544997361036416],
  },
  {
    by: { name: 'gelu', approximation: 'tanh' },
    values: [-0.0036373920817729943, -0.17003944483437966, 0.34571400982514394, 1.954597694087775],
  },
  {
    by: { name: 'silu' },
    values: [-0.14227761953270035, -0.24061597561845527, 0.3112296656009273, 1.7615941559557646],
  },
  { by: { name: 'hard-swish' }, values: [0, -0.28125, 0.5 * (0.5 + 1 / 12), 2 * (0.5 + 1 / 3)] },
  {
    by: { name: 'softplus' },
    values: [0.04858735157374206, 0.38687100611489994, 0.9740769841801067, 2.1269280110429727],
  },
  { by: { name: 'mish' }, values: [-0.1456474612756246, -0.27649471450546514, 0.3752452113048951, 1.9439589595339946] },
];

test.each(expected)('$by.name', ({ by, values }) => {
  at.forEach((x, index) => {
    expect(functionOf(by)(x)).toBeCloseTo(values[index]!, 14);
  });
});

test('every function has values here', () => {
  expect(
    expected
      .map(({ by }) => by.name)
      .toSorted()
      .filter((name, index, all) => name !== all[index - 1]),
  ).toEqual(scalarFunctionNames.toSorted());
});

test('functions keep their limits where exponentials overflow', () => {
  for (const { by } of expected) {
    const values = [-800, 800].map(functionOf(by));
    expect(values.every(Number.isFinite)).toBe(true);
  }
  expect(functionOf({ name: 'softplus' })(800)).toBe(800);
  expect([-9, -6.5, 6.5, 9].map(erf)).toEqual([-1, -1, 1, 1]);
  expect(erf(-0.75)).toBeCloseTo(-0.7111556336535151, 15);
  expect(erf(0)).toBe(0);
});

test('a polynomial is a sum of Chebyshev polynomials of x / bound', () => {
  // 1 + 2 T_1(x/4) + 3 T_2(x/4) = 1 + x/2 + 3 (x^2/8 - 1)
  const by: ActivationFunction = { name: 'polynomial', coefficients: Float64Array.of(1, 2, 3), bound: 4 };
  const node = { kind: 'activation', name: 'f', inputs: ['x'], function: by, range: undefined } as const;
  const input = tensor([1, 1, 3], Float64Array.of(-4, 0, 2));
  expect([...evaluateNode(node, [input]).data]).toEqual([-2 + 3 * (2 - 1) + 1, -2, 1 + 1 - 1.5]);
});

test('what decides how a function is computed is a part of the topology', () => {
  const hash = (by: ActivationFunction) =>
    topologyHash(
      graphOf([1, 2, 2], [{ kind: 'activation', name: 'f', inputs: ['x'], function: by, range: undefined }]),
    );
  const polynomial = (coefficients: number[]): ActivationFunction => ({
    name: 'polynomial',
    coefficients: Float64Array.from(coefficients),
    bound: 4,
  });
  const functions: ActivationFunction[] = [
    { name: 'relu' },
    { name: 'leaky-relu', slope: 0.1 },
    { name: 'leaky-relu', slope: 0.2 },
    { name: 'elu', alpha: 1 },
    { name: 'elu', alpha: 2 },
    { name: 'gelu', approximation: 'none' },
    { name: 'gelu', approximation: 'tanh' },
    polynomial([1, 2, 3]),
    polynomial([1, 2, 3, 4]),
  ];
  expect(new Set(functions.map(hash)).size).toBe(functions.length);
  expect(hash(polynomial([1, 2, 3]))).toBe(hash(polynomial([4, 5, 6])));
});
