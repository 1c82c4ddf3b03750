import { describe, expect, test } from 'vitest';
import { planNetwork } from '../../src/planning/network-plan.js';
import { securityBits } from '../../src/scheme/security.js';
import { modulusBits } from '../../src/scheme/sizes.js';
import { convolutionNode, denseNode, graphOf, quadraticNode, reluNode } from '../support/nodes.js';
import { mixedGraph, smallGraph } from '../support/small-graph.js';

const request = { precisionBits: 10, images: 1 };

describe('parameters for a network', () => {
  test('three levels take a small ring with 128 bits, and a small ring for the scores', () => {
    const { parameters, plan } = planNetwork(smallGraph, 'small', request);
    expect(securityBits(parameters).classical).toBe(128);
    expect(parameters.ringDimension).toBeLessThanOrEqual(2 ** 14);
    expect(parameters.moduliBits).toHaveLength(4);
    expect(parameters.result.ringDimension).toBe(2 ** 12);
    expect(plan.input.level).toBe(3);
    expect(plan.layout).toBeUndefined();
  });

  test('more precision takes longer primes', () => {
    const bits = [8, 12].map((precisionBits) => {
      const { parameters } = planNetwork(smallGraph, 'small', { ...request, precisionBits });
      return modulusBits(parameters, 3);
    });
    expect(bits[1]!).toBeGreaterThan(bits[0]!);
  });

  test('many pictures lie in batches, and the plan says so', () => {
    const { plan } = planNetwork(smallGraph, 'small', { ...request, images: 2000 });
    expect(plan.layout).toBe('batch');
    expect(2 * plan.packing.positions).toBeGreaterThan(100);
  });

  test('activations that are no squares have a polynomial, and keep no pictures in the imaginary part', () => {
    const { parameters, plan } = planNetwork(mixedGraph, 'mixed', request);
    expect(parameters.polynomialPrecisionBits).toBe(8);
    expect(plan.packing.imaginary).toBe(false);
    expect(plan.input.level).toBe(3 + 5);
  });

  test('a network too deep for every ring is refused: levels, what takes them, and what each ring lacks', () => {
    const blocks = Array.from({ length: 9 }, (_, index) => [
      convolutionNode(`c${index}`, index === 0 ? 'x' : `a${index - 1}`, { weight: [2, 2, 1, 1] }, index),
      reluNode(`a${index}`, `c${index}`),
    ]).flat();
    const deep = graphOf([2, 4, 4], [...blocks, denseNode('head', 'a8', 3, 32, 9)]);
    expect(() => planNetwork(deep, 'deep', request)).toThrow(
      expect.objectContaining({
        code: 'ERR_NETWORK',
        message: expect.stringMatching(
          /needs 55 levels .*a0 5, a1 5.*ring 65536, columns-outermost: no primes for 55 levels/,
        ),
      }),
    );
  });

  test('an input that no ring has slots for is refused, saying how many it needs', () => {
    const wide = graphOf(
      [3, 256, 256],
      [convolutionNode('c', 'x', { weight: [16, 3, 3, 3] }, 1), quadraticNode('a', 'c', 16, 2)],
    );
    expect(() => planNetwork(wide, 'wide', request)).toThrow(/ring 65536, columns-outermost: .* needs \d+ slots/);
  });
});
