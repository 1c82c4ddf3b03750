import { expect, test } from 'vitest';
import { kernelFor, scaleRates } from '../../src/cost/calibration.js';
import { committedRates, type KernelName } from '../../src/cost/rates.js';

const kernels: readonly KernelName[] = ['avx512', 'avx2', 'scalar'];

test.each(kernels)(
  '%s: rates that are measured as committed stay as they are, but for the machine they hold for',
  (kernel) => {
    const { machine: _, ...rates } = committedRates(kernel);
    const scaled = scaleRates(committedRates(kernel), rates, 'here');
    for (const [name, rate] of Object.entries(rates)) {
      expect(scaled[name as keyof typeof rates] / rate).toBeCloseTo(1, 12);
    }
    expect(scaled.machine).toBe('here');
    expect(Object.keys(scaled).sort()).toEqual(Object.keys(committedRates(kernel)).sort());
  },
);

test('each rate follows its own measurement, and no further than by a factor of 4', () => {
  const committed = committedRates('avx2');
  const { machine: _, ...measured } = {
    ...committed,
    nttSecondsPerLimb: 1.5 * committed.nttSecondsPerLimb,
    passSecondsPerElement: 9 * committed.passSecondsPerElement,
    weightSecondsPerElement: committed.weightSecondsPerElement / 9,
  };
  const scaled = scaleRates(committed, measured, 'here');
  expect(scaled.nttSecondsPerLimb / committed.nttSecondsPerLimb).toBeCloseTo(1.5, 12);
  expect(scaled.passSecondsPerElement / committed.passSecondsPerElement).toBeCloseTo(4, 12);
  expect(scaled.weightSecondsPerElement / committed.weightSecondsPerElement).toBeCloseTo(1 / 4, 12);
  expect(scaled.innerProductSecondsPerElement).toBeCloseTo(committed.innerProductSecondsPerElement, 20);
  expect(scaled.ringDimension).toBe(committed.ringDimension);
});

test('the speed-up of other threads than the committed ones is the measured one', () => {
  const { machine: _, ...rates } = committedRates('avx512');
  const scaled = scaleRates(committedRates('avx512'), { ...rates, threads: 16, parallelSpeedup: 11.5 }, 'here');
  expect(scaled).toMatchObject({ threads: 16, parallelSpeedup: 11.5 });
});

test.each([
  { features: [], kernel: 'scalar' },
  { features: ['asimd'], kernel: 'scalar' },
  { features: ['avx2'], kernel: 'scalar' },
  { features: ['avx2', 'fma'], kernel: 'avx2' },
  { features: ['avx2', 'fma', 'avx512f'], kernel: 'avx2' },
  { features: ['avx2', 'fma', 'avx512f', 'avx512ifma'], kernel: 'avx512' },
])('a processor with $features computes with $kernel kernels', ({ features, kernel }) => {
  expect(kernelFor(features)).toBe(kernel);
});
