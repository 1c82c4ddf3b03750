import { readFileSync } from 'node:fs';

/** Seconds of one thread of the project's own engine (`npm run calibrate`); they scale with the ring dimension. */
export interface CkksRates {
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
  /** How much faster all threads are than one. */
  readonly parallelSpeedup: number;
  /** What the planner pays for a byte less of keys; a choice, not a measurement. */
  readonly keyPriceSecondsPerByte: number;
}

/** Seconds of OpenFHE and the addon with all cores (`npm run calibrate`). */
export interface OpenFheRates {
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
  /** What the planner pays for a byte less of keys; a choice, not a measurement. */
  readonly keyPriceSecondsPerByte: number;
}

/** Measured once and committed: plans and predictions are the same on every machine. */
export interface Rates {
  readonly machine: string;
  readonly ckks: CkksRates;
  readonly openfhe: OpenFheRates;
}

// Data is read where it is committed, also by the compiled program: dist/cost lies as deep as src/cost.
export const rates = JSON.parse(readFileSync(new URL('../../rates/rates.json', import.meta.url), 'utf8')) as Rates;
