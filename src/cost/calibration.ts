import type { CkksRates, KernelName, MeasuredCkksRates } from './rates.js';

/** A rate further from the committed one than by this factor is a mistake of the measurement. */
const largestFactor = 4;

/**
 * The committed rates of a set of kernels, scaled by what a short measurement on this machine found: each rate by its own
 * ratio, held within a factor of 4. The speed-up belongs to the measured number of threads and is taken as it is.
 * `machine` says in words where the result holds.
 */
export function scaleRates(committed: CkksRates, measured: MeasuredCkksRates, machine: string): CkksRates {
  const { machine: _, ringDimension, threads: __, parallelSpeedup: ___, ...seconds } = committed;
  const scaled = Object.fromEntries(
    Object.entries(seconds).map(([name, rate]) => {
      const ratio = measured[name as keyof typeof seconds] / rate;
      return [name, rate * Math.min(Math.max(ratio, 1 / largestFactor), largestFactor)];
    }),
  ) as typeof seconds;
  const { threads, parallelSpeedup } = measured;
  return { machine, ringDimension, ...scaled, threads, parallelSpeedup };
}

/** The kernels that the engine would choose on a processor with these features, as Linux names them. */
export function kernelFor(features: readonly string[]): KernelName {
  const has = (...names: readonly string[]): boolean => names.every((name) => features.includes(name));
  if (!has('avx2', 'fma')) {
    return 'scalar';
  }
  return has('avx512f', 'avx512ifma') ? 'avx512' : 'avx2';
}
