import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { root, run } from './lib/process.mjs';

// node scripts/native-report.mjs [--filter REGEX]   builds the native benchmarks, runs all of them (about half an hour on
//                                                   two cores) or those of matching names, writes
//                                                   bench/results/native-<date>.json and prints its tables
// node scripts/native-report.mjs --tables FILE      prints the tables of an earlier result

const BUILD = 'build/native-bench';
const REPETITIONS = 3;
const KERNELS = ['avx512', 'avx2', 'neon', 'scalar'];
/** What kernels are compared by: the top level of the largest ring on one thread. */
const KERNEL_FILTER = '^(square|rotate|hoistedExtended|hoistedBroughtBack|convolution)/logN:16/level:20/threads:1/';

const TITLES = {
  generateRotationKey: 'rotation key, generate and write',
  verifyKey: 'rotation key, read and verify',
  encrypt: 'encrypt',
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

const { values: options } = parseArgs({ options: { filter: { type: 'string' }, tables: { type: 'string' } } });
if (options.tables === undefined) {
  await report(options.filter);
} else {
  process.stdout.write(tables(JSON.parse(readFileSync(options.tables, 'utf8'))));
}

async function report(filter) {
  if (!(await build())) {
    process.exitCode = 1;
    return;
  }
  const result = {
    date: new Date().toISOString(),
    commit: describeCommit(root),
    machine: describeMachine(),
    command: `node scripts/native-report.mjs${filter === undefined ? '' : ` --filter '${filter}'`}`,
    engine: engineRuns(filter),
    ring: existsSync(program('ring_bench')) ? measure('ring_bench', { filter }) : [],
  };
  const folder = join(root, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `native-${result.date.slice(0, 10)}.json`);
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
  process.stdout.write(`${tables(result)}\nwritten: ${file}\n`);
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

/** Everything with the best kernels of this machine, then the comparison with each of the others. */
function engineRuns(filter) {
  const [best, ...others] = KERNELS.filter(isAvailable);
  return [
    ...measure('engine_bench', { kernel: best, filter }),
    ...others.flatMap((kernel) => measure('engine_bench', { kernel, filter: filter ?? KERNEL_FILTER })),
  ];
}

function isAvailable(kernel) {
  const { status } = spawnSync(program('engine_bench'), ['--benchmark_list_tests'], { env: environment(kernel) });
  return status === 0;
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
      '--benchmark_report_aggregates_only=true',
      ...(filter === undefined ? [] : [`--benchmark_filter=${filter}`]),
    ];
    execFileSync(program(name), flags, { env: environment(kernel), stdio: ['ignore', 'ignore', 'inherit'] });
    const text = readFileSync(out, 'utf8');
    if (text === '') {
      return []; // no benchmark matched
    }
    return JSON.parse(text)
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

/** The tables for docs/performance.md. */
function tables({ date, commit, machine, engine, ring }) {
  const best = engine[0].kernel;
  const find = (name, logN, level, threads, kernel = best) =>
    engine.find(
      (run) =>
        run.name === name &&
        run.logN === logN &&
        run.level === level &&
        run.threads === threads &&
        run.kernel === kernel,
    );
  const names = Object.keys(TITLES).filter((name) => engine.some((run) => run.name === name));
  const tops = [...new Set(engine.map((run) => run.logN))].map((logN) => [
    logN,
    Math.max(...engine.filter((run) => run.logN === logN).map((run) => run.level)),
  ]);
  const levels = [...new Set(engine.filter((run) => run.logN === 16).map((run) => run.level))].sort((a, b) => b - a);
  const kernels = [...new Set(engine.map((run) => run.kernel))];
  const compared = names.filter((name) => kernels.every((kernel) => find(name, 16, 20, 1, kernel) !== undefined));

  return [
    `Measured ${date.slice(0, 10)} at ${commit} on ${machine.cpu}, ${machine.cores} cores. Milliseconds, medians of ${REPETITIONS}.`,
    `N = 2^16 at the top level, ${best} kernels`,
    table(
      ['operation', 'one thread', 'two threads', 'speed-up', 'peak memory, MB', 'file, MB'],
      names.map((name) => {
        const one = find(name, 16, 20, 1);
        const two = find(name, 16, 20, 2);
        const speedUp = one && two ? (one.milliseconds / two.milliseconds).toFixed(2) : '';
        return [TITLES[name], time(one), time(two), speedUp, megabytes(two?.peakBytes), megabytes(two?.fileBytes)];
      }),
    ),
    'N = 2^16 by level, two threads',
    table(
      ['operation', ...levels.map((level) => `level ${level}`)],
      names.map((name) => [TITLES[name], ...levels.map((level) => time(find(name, 16, level, 2)))]),
    ),
    'By ring dimension, each at its top level (the longest chain within the security cap), one thread',
    table(
      ['operation', ...tops.map(([logN, level]) => `2^${logN}, level ${level}`)],
      names.map((name) => [TITLES[name], ...tops.map(([logN, level]) => time(find(name, logN, level, 1)))]),
    ),
    'Rotation key and peak memory of the convolution by ring dimension, MB',
    table(
      ['', ...tops.map(([logN]) => `2^${logN}`)],
      [
        ['one rotation key', ...tops.map(([logN, level]) => megabytes(find('verifyKey', logN, level, 1)?.fileBytes))],
        ['convolution', ...tops.map(([logN, level]) => megabytes(find('convolution', logN, level, 1)?.peakBytes))],
      ],
    ),
    'The same at N = 2^16 by level, MB',
    table(
      ['', ...levels.map((level) => `level ${level}`)],
      [
        ['one rotation key', ...levels.map((level) => megabytes(find('verifyKey', 16, level, 1)?.fileBytes))],
        ['convolution', ...levels.map((level) => megabytes(find('convolution', 16, level, 1)?.peakBytes))],
      ],
    ),
    'By kernels, N = 2^16 at the top level, one thread',
    table(
      ['operation', ...kernels],
      compared.map((name) => [TITLES[name], ...kernels.map((kernel) => time(find(name, 16, 20, 1, kernel)))]),
    ),
    'Ring kernels, one core, microseconds',
    ringTable(ring),
    '',
  ].join('\n\n');
}

/** One row for each operation and its arguments, one column for each set of kernels. */
function ringTable(ring) {
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

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function time(run) {
  if (run === undefined) return '';
  return run.milliseconds.toFixed(run.milliseconds < 10 ? 2 : run.milliseconds < 100 ? 1 : 0);
}

function megabytes(bytes) {
  return bytes === undefined ? '' : (bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0);
}
