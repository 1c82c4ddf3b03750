import { describe, expect, test } from 'vitest';
import { type LinearOutput, type LinearStep, sourcesOf } from '../../src/circuit/circuit.js';
import { diagonalCount } from '../../src/circuit/linear-step.js';
import { describeLinear } from '../../src/engine/ckks/linear-description.js';
import { smallCircuits } from '../support/ckks-key-set.js';
import { seededRandom } from '../support/random.js';

function linearSteps(images: number): LinearStep[] {
  const steps = smallCircuits.circuitFor(images).stages.flatMap((stage) => stage.steps);
  return steps.filter((step) => step.kind === 'linear');
}

const { slots } = smallCircuits.circuitFor(1);

function unitScales(step: LinearStep): Map<string, number> {
  return new Map(sourcesOf(step).map((source) => [source, 1]));
}

function rotated(values: Float64Array, step: number): Float64Array {
  return values.map((_, slot) => values[(((slot + step) % slots) + slots) % slots]!);
}

describe.each([1, 2, 4])('linear steps of the circuit for %i images, as the native library takes them', (images) => {
  test.each(linearSteps(images).map((step) => ({ name: step.name, step })))(
    '$name: every diagonal is served once',
    ({ step }) => {
      const [output] = step.outputs as [LinearOutput];
      const description = describeLinear(step, output, unitScales(step));
      const uniform = seededRandom(5);
      const input = Float64Array.from({ length: slots }, () => 2 * uniform() - 1);
      const { period, imaginaryShift } = description;
      for (const [index, term] of description.terms.entries()) {
        const product = new Float64Array(slots);
        const add = (offset: number, diagonal: (slot: number) => number) => {
          const source = rotated(input, offset);
          for (let slot = 0; slot < slots; slot++) {
            product[slot]! += diagonal(slot) * source[slot]!;
          }
        };
        for (const [k, offset] of term.offsets.entries()) {
          add(offset, (slot) => term.diagonals[k * period + (slot % period)]!);
          add(offset + imaginaryShift, (slot) => term.shiftedDiagonals?.[k * period + (slot % period)] ?? 0);
        }
        const { diagonals } = output.terms[index]!;
        const expected = new Float64Array(slots);
        for (const [offset, diagonal] of diagonals.values()) {
          const source = rotated(input, offset);
          for (let slot = 0; slot < slots; slot++) {
            expected[slot]! += diagonal[slot % diagonals.period]! * source[slot]!;
          }
        }
        for (let slot = 0; slot < slots; slot++) {
          expect(product[slot]).toBeCloseTo(expected[slot]!, 12);
        }
      }
    },
  );

  test('each product names a baby and a giant step that add up to its offset', () => {
    for (const step of linearSteps(images)) {
      const { terms, babySteps, giantSteps } = describeLinear(step, step.outputs[0]!, unitScales(step));
      for (const { offsets, babyIndices, giantIndices } of terms) {
        expect(new Set(offsets.map((_, k) => giantIndices[k]! * babySteps.length + babyIndices[k]!)).size).toBe(
          offsets.length,
        );
        for (const [k, offset] of offsets.entries()) {
          const sum = babySteps[babyIndices[k]!]! + giantSteps[giantIndices[k]!]!;
          expect((((sum - offset) % slots) + slots) % slots).toBe(0);
        }
      }
    }
  });
});

test('a real image needs fewer products than diagonals; images in the imaginary part have no copy', () => {
  const productsOf = (images: number) => {
    const step = linearSteps(images).find(({ name }) => name === 'stage2.block1.conv1')!;
    const [term] = describeLinear(step, step.outputs[0]!, unitScales(step)).terms;
    return { products: term!.offsets.length, diagonals: diagonalCount(step), term: term! };
  };
  const real = productsOf(1);
  expect(real.products).toBeLessThan(real.diagonals);
  expect(real.term.shiftedDiagonals).toHaveLength(real.term.diagonals.length);
  const full = productsOf(4);
  expect(full.products).toBe(full.diagonals);
  expect(full.term.shiftedDiagonals).toBeUndefined();
});
