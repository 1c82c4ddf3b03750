/**
 * The hottest kernels: how often they use AVX-512 IFMA, how many bytes they cannot avoid to move, and in which memory
 * these lie. All as the kernels of native/ckks/ring/avx512_*.cpp do it, for eight words at a time.
 */
const N = 2 ** 16;
const WORD = 8;
const LANES = 8;

/** A butterfly is a product with a prepared quotient: low, high, and the correction. */
const BUTTERFLY = 3;
/** A multiply-add is a low and a high half; reducing a sum takes four more, of 15 terms or more six. */
const MULTIPLY_ADD = 2;
const reduction = (terms) => (terms < 15 ? 4 : 6);

const transform = { instructions: (BUTTERFLY * (N / 2) * Math.log2(N)) / LANES, bytes: 4 * N * WORD };

const KERNELS = [
  {
    title: 'forward NTT',
    name: 'forwardNtt',
    values: { log2N: 16, bits: 40 },
    // The words in and out, and the twiddle factors with their quotients.
    ...transform,
    footprint: 3 * N * WORD,
  },
  {
    title: 'inverse NTT',
    name: 'inverseNtt',
    values: { log2N: 16, bits: 40 },
    ...transform,
    footprint: 3 * N * WORD,
  },
  {
    title: 'forward NTT of 30 primes',
    name: 'forwardNttLimbs',
    values: { limbs: 30 },
    instructions: 30 * transform.instructions,
    bytes: 30 * transform.bytes,
    footprint: 90 * N * WORD,
  },
  {
    title: 'inner product with a key, one digit, rotated',
    name: 'keyInnerProduct',
    values: { digits: 1, rotated: 1 },
    instructions: (2 * (MULTIPLY_ADD + reduction(1)) * N) / LANES,
    bytes: 5 * N * WORD,
    footprint: 5 * N * WORD,
  },
  {
    // A block of 1,024 words at a time; weights are one word for 64.
    title: 'inner product with 24 periodic plaintexts',
    name: 'plainInnerProduct',
    values: { terms: 24, shift: 6 },
    instructions: (2 * (24 * MULTIPLY_ADD + reduction(24)) * 1024) / LANES,
    bytes: (2 * 24 + 2) * 1024 * WORD,
    footprint: (2 * 24 + 2) * 1024 * WORD,
  },
  {
    title: 'base conversion, 10 to 20 primes',
    name: 'baseConvert',
    values: { from: 10, to: 20 },
    instructions: ((10 * BUTTERFLY + 20 * (11 * MULTIPLY_ADD + reduction(10))) * N) / LANES,
    bytes: 30 * N * WORD,
    footprint: 30 * N * WORD,
  },
];

/**
 * Shares of the measured peaks for each kernel that was measured: {title, microseconds, arithmetic, bandwidth, footprint},
 * the first two shares between 0 and 1, arithmetic undefined on machines without AVX-512 IFMA.
 */
export function rooflines(result) {
  const { bestKernel, peaks } = result;
  const instructionsPerSecond = peaks.find(({ name }) => name === 'multiplyAdd52')?.items_per_second;
  return KERNELS.flatMap(({ title, name, values, instructions, bytes, footprint }) => {
    const run = result.findRing(name, values, bestKernel);
    if (run === undefined) {
      return [];
    }
    const seconds = run.milliseconds / 1000;
    const arithmetic =
      bestKernel === 'avx512' && instructionsPerSecond !== undefined
        ? instructions / seconds / instructionsPerSecond
        : undefined;
    const bandwidth = bytes / seconds / bandwidthAt(peaks, footprint);
    return [{ title, microseconds: seconds * 1e6, arithmetic, bandwidth, footprint }];
  });
}

/** Bytes a second of the triad with the footprint nearest in proportion. */
function bandwidthAt(peaks, footprint) {
  const distance = ({ kilobytes }) => Math.abs(Math.log((kilobytes * 1024) / footprint));
  const triads = peaks.filter(({ name }) => name === 'triad').sort((left, right) => distance(left) - distance(right));
  return triads[0].bytes_per_second;
}
