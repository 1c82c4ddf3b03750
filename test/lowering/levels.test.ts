import { describe, expect, test } from 'vitest';
import { assignLevels } from '../../src/lowering/levels.js';
import { layersOf } from '../../src/lowering/lower.js';
import type { Node } from '../../src/network/graph.js';
import { circuitParameters } from '../../src/scheme/circuit-parameters.js';
import { convolutionNode, denseNode, graphOf, quadraticNode, reluNode } from '../support/nodes.js';
import { ckksParameters, openFheParameters } from '../support/parameters.js';

const square = circuitParameters(ckksParameters('params_test'));
const rescaled = circuitParameters(openFheParameters('params_test_openfhe'));
const bootstrapped = circuitParameters(openFheParameters('params_test_bootstrap'));
const same = { weight: [2, 2, 3, 3], pads: [1, 1, 1, 1] } as const;

function levelsOf(nodes: readonly Node[], parameters: typeof square) {
  return assignLevels(layersOf(graphOf([2, 4, 4], nodes)), parameters);
}

/** A block whose shortcut is shorter than its way through two convolutions. */
const residual: readonly Node[] = [
  convolutionNode('c', 'x', same, 1),
  quadraticNode('a', 'c', 2, 2),
  convolutionNode('d', 'a', same, 3),
  quadraticNode('b', 'd', 2, 4),
  convolutionNode('e', 'b', same, 5),
  { kind: 'add', name: 'sum', inputs: ['a', 'e'] },
  quadraticNode('f', 'sum', 2, 6),
  denseNode('head', 'f', 3, 32, 7),
];

describe('leveled', () => {
  test('a square that is not rescaled takes no level; the longest way decides', () => {
    const { input, layers, output } = levelsOf(residual, square);
    expect(input.level).toBe(4);
    expect(output.level).toBe(0);
    const levels = ['c', 'a', 'd', 'b', 'e', 'f', 'head'].map((name) => layers.get(name)!.level);
    expect(levels).toEqual([4, 3, 3, 2, 2, 1, 1]);
  });

  test('a square that is rescaled takes one', () => {
    const { input, layers, output } = levelsOf(residual, rescaled);
    expect([input.level, output.level]).toEqual([7, 0]);
    expect(['c', 'a', 'd', 'b', 'e', 'f', 'head'].map((name) => layers.get(name)!.level)).toEqual([
      7, 6, 5, 4, 3, 2, 1,
    ]);
  });

  test('what an activation reads has its scale, its square the square of it, and the output that of scores', () => {
    const { input, layers, output } = levelsOf(residual, square);
    const { activationScale, inputScale, outputScale } = square;
    expect(input.scale).toBe(inputScale);
    expect(layers.get('c')!.scale).toBe(activationScale);
    expect(layers.get('a')!.scale).toBe(activationScale ** 2);
    expect(output.scale).toBe(outputScale);
    for (const { scale } of levelsOf(residual, rescaled).layers.values()) {
      expect(scale).toBe(rescaled.activationScale);
    }
  });

  test('a linear layer that linear layers alone read has the scale of an input', () => {
    const shared: readonly Node[] = [
      convolutionNode('c', 'x', same, 1),
      convolutionNode('d', 'c', same, 2),
      convolutionNode('e', 'c', same, 3),
      { kind: 'add', name: 'sum', inputs: ['d', 'e'] },
    ];
    expect(levelsOf(shared, square).layers.get('c')!.scale).toBe(square.inputScale);
  });

  test('an activation that is no square takes the levels of its polynomial, which reads the scale of the primes', () => {
    const { input, layers } = levelsOf(
      [
        convolutionNode('c', 'x', same, 1),
        reluNode('a', 'c'),
        convolutionNode('d', 'a', same, 3),
        quadraticNode('b', 'd', 2, 4),
        denseNode('head', 'b', 3, 32, 5),
      ],
      { ...square, polynomial: { degree: 14 } },
    );
    expect(input.level).toBe(4 + 3);
    expect(['c', 'a', 'd', 'b', 'head'].map((name) => layers.get(name)!.level)).toEqual([7, 6, 2, 1, 1]);
    const { activationScale, inputScale, polynomialScale } = square;
    const scales = [polynomialScale, inputScale, activationScale, activationScale ** 2];
    expect(['c', 'a', 'd', 'b'].map((name) => layers.get(name)!.scale)).toEqual(scales);
    expect(layers.get('a')!.polynomial!.coefficients).toHaveLength(15);
    expect(layers.get('b')!.polynomial).toBeUndefined();
  });

  test('too few levels, and ReLU where parameters are for squares alone, are refused', () => {
    const deep = Array.from({ length: 11 }, (_, index) =>
      convolutionNode(`c${index}`, index === 0 ? 'x' : `c${index - 1}`, same, index),
    );
    expect(() => levelsOf(deep, square)).toThrow(/by-hand needs 11 levels.* 10$/);
    expect(() => levelsOf([convolutionNode('c', 'x', same, 1), reluNode('a', 'c')], square)).toThrow(
      /a is relu, .* square activations alone/,
    );
  });
});

describe('bootstrapped', () => {
  const blocks = (count: number): Node[] =>
    Array.from({ length: count }, (_, index): Node[] => [
      convolutionNode(`c${index}`, index === 0 ? 'x' : `a${index - 1}`, same, index),
      reluNode(`a${index}`, `c${index}`),
    ]).flat();

  test('the input is one level above what a bootstrap leaves, so that the first ReLU needs none; all others do', () => {
    const { input, layers } = levelsOf([...blocks(3), denseNode('head', 'a2', 3, 32, 9)], bootstrapped);
    const after = bootstrapped.bootstrap!.level;
    expect(input.level).toBe(after + 1);
    expect(['a0', 'a1', 'a2'].map((name) => layers.get(name)!.bootstrap)).toEqual([false, true, true]);
    expect(['a0', 'a1', 'a2'].map((name) => layers.get(name)!.level)).toEqual([after, after, after]);
    expect(['c0', 'c1', 'c2', 'head'].some((name) => layers.get(name)!.bootstrap)).toBe(false);
  });

  test('enough levels for a linear layer and the next bootstrap are kept after every ReLU', () => {
    const { layers } = levelsOf([...blocks(4), denseNode('head', 'a3', 3, 32, 9)], bootstrapped);
    for (const name of ['c1', 'c2', 'c3', 'head']) {
      expect(layers.get(name)!.level).toBeGreaterThanOrEqual(2);
    }
  });

  test('a polynomial deeper than what a bootstrap leaves is refused, naming the layer', () => {
    const shallow = { ...bootstrapped, bootstrap: { level: 4 } };
    expect(() => levelsOf([...blocks(1), denseNode('head', 'a0', 3, 32, 9)], shallow)).toThrow(/a0 needs 6.*finds 4/);
  });
});
