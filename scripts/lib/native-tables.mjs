import { growthPoints } from './growth.mjs';
import { megabytes, table, threeDigits } from './markdown.mjs';
import { TITLES } from './native-result.mjs';
import { rooflines } from './roofline.mjs';

/** The operations that peers measure, with their label in plots and this library's run of the same on some threads. */
const COMPARED = {
  ntt: {
    label: 'NTT',
    title: 'forward transform of one prime',
    own: (result, threads) => (threads === 1 ? result.findRing('forwardNtt', { log2N: 16, bits: 40 }) : undefined),
  },
  encode: { label: 'encode', title: TITLES.encode, own: atTop('encode') },
  encrypt: { label: 'encode and encrypt', title: TITLES.encrypt, own: atTop('encrypt') },
  square: { label: 'square', title: TITLES.square, own: atTop('square') },
  rotation: { label: 'rotation', title: TITLES.rotate, own: atTop('rotate') },
  hoistedRotations: {
    label: '15 hoisted rotations',
    title: TITLES.hoistedBroughtBack,
    own: atTop('hoistedBroughtBack'),
  },
};

function atTop(name) {
  return (result, threads) => result.find(name, 16, topLevel(result), threads);
}

function topLevel(result) {
  return Math.max(...result.levels(16));
}

/** For each peer and operation: {label, peer, ratio}, the ratio of its time to this library's on one thread. */
export function peerRatios(result) {
  return result.peers.flatMap(({ library, seconds }) =>
    Object.entries(COMPARED).flatMap(([name, { label, own }]) => {
      const run = own(result, 1);
      return run === undefined || seconds[name] === undefined
        ? []
        : [{ label, peer: library.split(' ')[0], ratio: (seconds[name] * 1000) / run.milliseconds }];
    }),
  );
}

/**
 * The tables of docs/performance.md: {heading, text, note?, image?}, all Markdown; those of which nothing was measured are
 * left out.
 */
export function nativeTables(result) {
  return [
    { heading: 'N = 2^16 at the top level', text: result.levels(16).length > 0 && topTable(result) },
    {
      heading: 'Beside other libraries, N = 2^16 at the top level',
      text: result.peers.length > 0 && peerTable(result),
      note: peersInWords(result),
      image: '![Time of other libraries as a multiple of this one](images/performance-peers.svg)',
    },
    {
      heading: 'Shares of what one core can do',
      text: result.peaks.length > 0 && rooflines(result).length > 0 && rooflineTable(result),
      note: peaksInWords(result),
    },
    {
      heading: 'Growth with the ring and the level, one thread',
      text: growthPoints(result).length > 1 && growthTable(result),
      note: growthInWords,
      image: '![Time and counted work](images/performance-growth.svg)',
    },
    {
      heading: 'By ring dimension, each at the longest chain within the security cap, one thread',
      text: result.tops.length > 1 && dimensionTable(result),
    },
    { heading: 'N = 2^16 by level, two threads', text: result.levels(16).length > 1 && levelTable(result) },
    { heading: 'Keys and memory', text: result.engine.some(({ fileBytes }) => fileBytes) && memoryTable(result) },
    {
      heading: 'By kernels, N = 2^16 at the top level, one thread',
      text: result.kernels.length > 1 && kernelTable(result),
    },
    { heading: 'Ring kernels, one core, microseconds', text: result.ring.length > 0 && ringTable(result) },
  ].filter(({ text }) => text);
}

function topTable(result) {
  const level = topLevel(result);
  return table(
    ['operation', 'one thread', 'two threads', 'speed-up', 'peak memory, MB', 'file, MB'],
    result.operations.map((name) => {
      const one = result.find(name, 16, level, 1);
      const two = result.find(name, 16, level, 2);
      const speedUp = one && two ? (one.milliseconds / two.milliseconds).toFixed(2) : '';
      return [TITLES[name], time(one), time(two), speedUp, megabytes(two?.peakBytes), megabytes(two?.fileBytes)];
    }),
  );
}

function peerTable(result) {
  const { peers } = result;
  return table(
    ['operation', 'this library', 'two threads', ...peers.flatMap(({ library }) => [library, 'times'])],
    Object.entries(COMPARED).map(([name, { title, own }]) => {
      const run = own(result, 1);
      const others = peers.flatMap(({ seconds }) => {
        const milliseconds = seconds[name] * 1000;
        return [threeDigits(milliseconds), run ? (milliseconds / run.milliseconds).toFixed(1) : ''];
      });
      return [title, time(run), time(own(result, 2)), ...others];
    }),
  );
}

function peersInWords({ peers }) {
  const settings = peers.map(
    ({ library, specialPrimes, logQP }) => `- ${library}: ${specialPrimes} special primes, log QP ${Math.round(logQP)}`,
  );
  return `The same ring, 21 primes and uniform ternary secrets, in one run; other libraries on one thread. They decompose in two digits,
this library in one, and its encryption includes packing the bytes that are sent.

${settings.join('\n')}`;
}

function rooflineTable(result) {
  const percent = (share) => (share === undefined ? '' : `${(100 * share).toFixed(0)} %`);
  return table(
    ['kernel', 'microseconds', 'of the arithmetic peak', 'of the bandwidth', 'footprint, MB'],
    rooflines(result).map(({ title, microseconds, arithmetic, bandwidth, footprint }) => [
      title,
      threeDigits(microseconds),
      percent(arithmetic),
      percent(bandwidth),
      megabytes(footprint),
    ]),
  );
}

const twoDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });

function peaksInWords({ peaks }) {
  const instructions = peaks.find(({ name }) => name === 'multiplyAdd52')?.items_per_second;
  const triads = peaks.filter(({ name }) => name === 'triad');
  const rates = triads.map(({ bytes_per_second: rate }) => (rate / 1e9).toFixed(0)).join(', ');
  const footprints = triads.map(({ kilobytes }) => twoDigits.format(kilobytes * 1.024e-3)).join(', ');
  return `Measured peaks: ${
    instructions === undefined ? '' : `${(instructions / 1e9).toFixed(2)} billion AVX-512 IFMA instructions a second; `
  }a triad moves ${rates} GB/s
over ${footprints} MB. A kernel's instructions are those that its formulas need, its bytes those of its inputs and outputs,
each once, and its bandwidth that of the triad of about the same footprint.`;
}

const growthInWords = `Work is counted in multiplications of 52-bit halves: three in a butterfly, two in a multiply-add; keys that are read and
expanded, automorphisms and additions are not counted. Time grows as the count does where the last column is constant.`;

function growthTable(result) {
  return table(
    ['operation', 'ring', 'level', 'million multiplications', 'milliseconds', 'picoseconds each'],
    growthPoints(result).map(({ name, logN, level, multiplications, milliseconds }) => [
      TITLES[name],
      `2^${logN}`,
      level,
      threeDigits(multiplications / 1e6),
      time({ milliseconds }),
      ((milliseconds * 1e9) / multiplications).toFixed(0),
    ]),
  );
}

function levelTable(result) {
  const levels = result.levels(16);
  return table(
    ['operation', ...levels.map((level) => `level ${level}`)],
    result.operations
      .filter((name) => levels.every((level) => result.find(name, 16, level, 2) !== undefined))
      .map((name) => [TITLES[name], ...levels.map((level) => time(result.find(name, 16, level, 2)))]),
  );
}

function dimensionTable(result) {
  const { tops } = result;
  return table(
    ['operation', ...tops.map(([logN, level]) => `2^${logN}, level ${level}`)],
    result.operations
      .filter((name) => tops.every(([logN, level]) => result.find(name, logN, level, 1) !== undefined))
      .map((name) => [TITLES[name], ...tops.map(([logN, level]) => time(result.find(name, logN, level, 1)))]),
  );
}

/** Of every ring at its top level, and of the largest at every level. */
function memoryTable(result) {
  const smaller = result.tops.filter(([logN]) => logN < 16);
  const columns = [...smaller, ...result.levels(16).map((level) => [16, level])];
  const row = (title, name, key) => [
    title,
    ...columns.map(([logN, level]) => megabytes(result.find(name, logN, level, 1)?.[key])),
  ];
  return table(
    ['MB', ...columns.map(([logN, level]) => `2^${logN}, level ${level}`)],
    [
      row('one rotation key, file', 'verifyKey', 'fileBytes'),
      row('convolution, peak memory', 'convolution', 'peakBytes'),
    ],
  );
}

function kernelTable(result) {
  const { kernels } = result;
  const level = topLevel(result);
  const compared = result.operations.filter((name) =>
    kernels.every((kernel) => result.find(name, 16, level, 1, kernel) !== undefined),
  );
  return table(
    ['operation', ...kernels],
    compared.map((name) => [TITLES[name], ...kernels.map((kernel) => time(result.find(name, 16, level, 1, kernel)))]),
  );
}

/** One row for each operation and its arguments, one column for each set of kernels. */
function ringTable({ ring }) {
  const kernels = [...new Set(ring.flatMap(({ kernel }) => kernel ?? []))];
  const rows = new Map();
  for (const { name, kernel, milliseconds, ...rest } of ring) {
    const parameters = Object.entries(rest).filter(([key]) => !/Bytes$|_per_second$/.test(key));
    const label = [name, ...parameters.map(([key, value]) => `${key} ${value}`)].join(', ');
    rows.set(label, { ...rows.get(label), [kernel]: (milliseconds * 1000).toFixed(1) });
  }
  const cells = [...rows].map(([label, times]) => [label, ...kernels.map((kernel) => times[kernel] ?? '')]);
  return table(['operation', ...kernels], cells);
}

function time(run) {
  return run === undefined ? '' : threeDigits(run.milliseconds);
}
