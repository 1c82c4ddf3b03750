import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { NativeResult } from './lib/native-result.mjs';
import { nativeTables } from './lib/native-tables.mjs';
import { root, run } from './lib/process.mjs';
import { missingForPeer, peerNames, runPeer } from './peers.mjs';

// node scripts/native-report.mjs                    builds and runs the native benchmarks and those of other libraries (ten
//                                                   minutes on two quiet cores), writes bench/results/native-<date>.json
//                                                   and prints its tables; scripts/plot-performance.mjs puts them in docs/
// node scripts/native-report.mjs --filter REGEX     runs and prints those of matching names, `peers` among them, and writes
//                                                   nothing

const BUILD = 'build/native-bench';
const REPETITIONS = 3;
/** Of one repetition, at least. */
const SECONDS = 0.1;
const KERNELS = ['avx512', 'avx2', 'neon', 'scalar'];
/** What kernels are compared by: the top level of the largest ring on one thread. */
const KERNEL_FILTER = '^(square|rotate|hoistedExtended|hoistedBroughtBack|convolution)/logN:16/level:20/threads:1/';

const { values: options } = parseArgs({ options: { filter: { type: 'string' } } });
if (await build()) {
  const record = measureAll(options.filter);
  process.stdout.write(inWords(record));
  if (options.filter === undefined) {
    process.stdout.write(`written: ${write(record)}\n`);
  }
} else {
  process.exitCode = 1;
}

async function build() {
  const configuration = [
    '-DCMAKE_BUILD_TYPE=Release',
    '-DRESNET20_FHE_ADDON=OFF',
    '-DRESNET20_FHE_TESTS=OFF',
    '-DRESNET20_FHE_BENCHMARKS=ON',
  ];
  const built =
    (await run('cmake', ['-S', '.', '-B', BUILD, ...configuration], { quiet: true })) === 0 &&
    (await run('cmake', ['--build', BUILD, '--parallel', '2'], { quiet: true })) === 0;
  if (built && !existsSync(program('engine_bench'))) {
    process.stderr.write(
      'Google Benchmark is not installed, on Debian and Ubuntu: apt-get install -y libbenchmark-dev\n',
    );
    return false;
  }
  return built;
}

function measureAll(filter) {
  return {
    date: new Date().toISOString(),
    commit: describeCommit(root),
    machine: describeMachine(),
    command: 'node scripts/native-report.mjs',
    repetitions: REPETITIONS,
    engine: engineRuns(filter),
    ring: measure('ring_bench', { filter }),
    peaks: measure('peak_bench', { filter }),
    peers: peerRuns(filter),
  };
}

/** Everything with the best kernels of this machine, then the comparison with each of the others. */
function engineRuns(filter) {
  const [best, ...others] = KERNELS.filter(isAvailable);
  return [
    ...measure('engine_bench', { kernel: best, filter }),
    ...measure('encoding_bench', { kernel: best, filter }),
    ...others.flatMap((kernel) => measure('engine_bench', { kernel, filter: filter ?? KERNEL_FILTER })),
  ];
}

function isAvailable(kernel) {
  const { status } = spawnSync(program('engine_bench'), ['--benchmark_list_tests'], { env: environment(kernel) });
  return status === 0;
}

/** The programs of bench/peers, one after the other; those that cannot be built are named and left out. */
function peerRuns(filter) {
  if (filter !== undefined && !new RegExp(filter).test('peers')) {
    return [];
  }
  return peerNames.flatMap((name) => {
    const missing = missingForPeer(name);
    process.stderr.write(missing === undefined ? `${name}\n` : `left out: ${name} (${missing})\n`);
    return missing === undefined ? [runPeer(name, ['--repetitions', String(REPETITIONS)])] : [];
  });
}

/**
 * Medians of one program's benchmarks: name, its arguments by name, kernel, milliseconds, and whatever it counts.
 * Throws when the program fails.
 */
function measure(name, { kernel, filter }) {
  process.stderr.write(`${name}${kernel === undefined ? '' : ` (${kernel})`}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'resnet20-fhe-native-'));
  try {
    const out = join(folder, 'result.json');
    const flags = [
      `--benchmark_out=${out}`,
      '--benchmark_out_format=json',
      `--benchmark_repetitions=${REPETITIONS}`,
      `--benchmark_min_time=${SECONDS}`,
      '--benchmark_report_aggregates_only=true',
      ...(filter === undefined ? [] : [`--benchmark_filter=${filter}`]),
    ];
    execFileSync(program(name), flags, { env: environment(kernel), stdio: ['ignore', 'ignore', 'inherit'] });
    const json = readFileSync(out, 'utf8');
    if (json === '') {
      return []; // no benchmark matched
    }
    return JSON.parse(json)
      .benchmarks.filter((entry) => entry.aggregate_name === 'median')
      .map((entry) => summary(entry, kernel));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A run's name is the operation, its arguments as key:value and, in ring_bench, the kernels. */
function summary(entry, kernel) {
  const [name, ...parts] = entry.run_name.split('/');
  const pairs = parts.filter((part) => part.includes(':')).map((part) => part.split(':'));
  const named = kernel ?? parts.find((part) => KERNELS.includes(part));
  return {
    name,
    ...Object.fromEntries(pairs.map(([key, value]) => [key, Number(value)])),
    ...(named === undefined ? {} : { kernel: named }),
    milliseconds: inMilliseconds(entry),
    ...Object.fromEntries(
      Object.entries(entry).filter(([key]) => key.endsWith('Bytes') || key.endsWith('_per_second')),
    ),
  };
}

function inMilliseconds({ real_time: time, time_unit: unit }) {
  return time * { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3 }[unit];
}

function environment(kernel) {
  return kernel === undefined ? process.env : { ...process.env, RESNET20_FHE_KERNEL: kernel };
}

function program(name) {
  return join(root, BUILD, 'native', 'bench', name);
}

function inWords(record) {
  return nativeTables(new NativeResult(record))
    .map(({ heading, note, text }) => `${[heading, note, text].filter(Boolean).join('\n\n')}\n\n`)
    .join('');
}

function write(record) {
  const folder = join(root, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `native-${record.date.slice(0, 10)}.json`);
  writeFileSync(file, `${JSON.stringify(record, null, 1)}\n`);
  return file;
}
