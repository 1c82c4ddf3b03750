/** Operations of engine_bench and encoding_bench in the order of the tables. */
export const TITLES = {
  generateRotationKey: 'rotation key, generate and write',
  verifyKey: 'rotation key, read and verify',
  encode: 'encode a dense vector',
  encrypt: 'encode and encrypt',
  read: 'read a fresh ciphertext',
  square: 'square with relinearisation',
  rotate: 'rotation',
  hoistedExtended: '15 hoisted rotations, left in the extended basis',
  hoistedBroughtBack: '15 hoisted rotations, brought back',
  encodeConvolution: 'encode a stage-1 convolution',
  convolution: 'stage-1 convolution, 189 diagonals of period 512',
  dense144: 'linear map, 144 dense diagonals',
  dense255: 'linear map, 255 dense diagonals',
};

/** Of operations in plots. */
export const SHORT_TITLES = {
  square: 'square',
  rotate: 'rotation',
  convolution: 'stage-1 convolution',
  dense144: '144 dense diagonals',
  dense255: '255 dense diagonals',
};

/** What scripts/native-report.mjs has recorded, with questions that tables and plots ask. */
export class NativeResult {
  /** `record`: the object in bench/results/native-*.json; parts that were not measured are empty lists. */
  constructor(record) {
    this.record = record;
    this.engine = record.engine;
    this.ring = record.ring;
    this.peaks = record.peaks;
    this.peers = record.peers;
    this.bestKernel = [...record.engine, ...record.ring][0]?.kernel;
  }

  /** One run of an operation; undefined where it was not measured. */
  find(name, logN, level, threads, kernel = this.bestKernel) {
    return this.engine.find(
      (run) =>
        run.name === name &&
        run.logN === logN &&
        run.level === level &&
        run.threads === threads &&
        run.kernel === kernel,
    );
  }

  /** The run of a ring kernel whose arguments have these values. */
  findRing(name, values, kernel = this.bestKernel) {
    return this.ring.find(
      (run) =>
        run.name === name &&
        run.kernel === kernel &&
        Object.entries(values).every(([argument, value]) => run[argument] === value),
    );
  }

  get operations() {
    return Object.keys(TITLES).filter((name) => this.engine.some((run) => run.name === name));
  }

  get kernels() {
    return [...new Set(this.engine.map((run) => run.kernel))];
  }

  /** Pairs of log2 of the ring dimension and its top level, ascending. */
  get tops() {
    const dimensions = [...new Set(this.engine.map((run) => run.logN))].sort((left, right) => left - right);
    return dimensions.map((logN) => [logN, Math.max(...this.levels(logN))]);
  }

  /** Levels measured in a ring, descending. */
  levels(logN) {
    const levels = this.engine.filter((run) => run.logN === logN).map((run) => run.level);
    return [...new Set(levels)].sort((left, right) => right - left);
  }
}
