import { readFileSync } from 'node:fs';
import type { Parameters } from '../scheme/parameters.js';

/** The kernels of the project's own engine, by their names in `RESNET20_FHE_KERNEL`. */
export type KernelName = 'avx512' | 'avx2' | 'scalar';

/** Seconds of one thread of the project's own engine; they scale with the ring dimension. */
export interface MeasuredCkksRates {
  readonly ringDimension: number;
  readonly nttSecondsPerLimb: number;
  /** Per source and target residue. */
  readonly baseConversionSecondsPerElement: number;
  /** Per multiply-add of a residue with a key, the automorphism of the residues included. */
  readonly innerProductSecondsPerElement: number;
  /** Reading one half of a key and expanding the other from its seed, per byte of one half. */
  readonly keyExpansionSecondsPerByte: number;
  /** One elementwise operation on residues that lie in memory, not in a cache. */
  readonly passSecondsPerElement: number;
  readonly periodicProductSecondsPerElement: number;
  readonly denseProductSecondsPerElement: number;
  /** Transform of a periodic plaintext, per coefficient. */
  readonly weightSecondsPerElement: number;
  /** Weights to integer polynomials, per value of a periodic diagonal. */
  readonly encodingSecondsPerElement: number;
  readonly threads: number;
  /** How much faster all threads are than one, as long as each of them has work. */
  readonly parallelSpeedup: number;
}

export interface CkksRates extends MeasuredCkksRates {
  /** What they were measured on, in words. */
  readonly machine: string;
}

/** Seconds of OpenFHE and the addon with all cores. */
export interface OpenFheRates {
  /** What they were measured on, in words. */
  readonly machine: string;
  readonly ringDimension: number;
  readonly nttSecondsPerLimb: number;
  /** Per source and target residue. */
  readonly baseConversionSecondsPerElement: number;
  /** Per multiply-add of a residue with a key's or a plaintext's. */
  readonly multiplyAddSecondsPerElement: number;
  /** One elementwise operation on residues that lie in memory. */
  readonly passSecondsPerElement: number;
  /** Transform of a periodic plaintext, per coefficient and limb. */
  readonly encodingSecondsPerElement: number;
  /** Reading keys and unpacking them into memory, per byte of their files. */
  readonly keyLoadingSecondsPerByte: number;
}

export interface Rates {
  readonly ckks: CkksRates;
  readonly openfhe: OpenFheRates;
}

/** The committed rates of one set of kernels, on the machine that they were measured on (`npm run calibrate`). */
export function committedRates(kernel: KernelName): CkksRates {
  return readRates(kernel) as CkksRates;
}

/** What plans are made with, so that they are the same on every machine. */
export const referenceRates: Rates = {
  ckks: committedRates('avx512'),
  openfhe: readRates('openfhe') as OpenFheRates,
};

/** Those of the engine that parameters are for. */
export function ratesOf({ engine }: Pick<Parameters, 'engine'>, rates: Rates): CkksRates | OpenFheRates {
  return engine === 'openfhe' ? rates.openfhe : rates.ckks;
}

// Data is read where it is committed, also by the compiled program: dist/cost lies as deep as src/cost.
function readRates(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../rates/${name}.json`, import.meta.url), 'utf8'));
}
