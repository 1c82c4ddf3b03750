// npm run calibrate [-- ENGINE...]   measures the rates of the cost models, of ckks and of openfhe where it is built, on
// this machine and writes them to rates/: those of ckks to the file of the kernels in use, which RESNET20_FHE_KERNEL
// selects, those of openfhe to its own
// Run it on a quiet machine. Predictions change at once. Plans depend on the rates of avx512 and openfhe alone and change
// only with `npm run plan`, after which keys have to be generated again.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from '../bench/machine.mjs';
import { compileTypeScript } from './lib/prepare.mjs';
import { root, run } from './lib/process.mjs';

const folder = 'build/calibrate';
const options = ['-DCMAKE_BUILD_TYPE=Release', '-DRESNET20_FHE_ADDON=OFF', '-DRESNET20_FHE_BENCHMARKS=ON'];
/** Of the program that measures the rates of ckks; what is written are medians. */
const repetitions = 5;

if (!(await compileTypeScript())) {
  process.exit(1);
}
const { kernelFor } = await import('../dist/cost/calibration.js');
const { engineStatus } = await import('../dist/engine/registry.js');
const built = engineStatus().some(({ name, available }) => name === 'openfhe' && available);
const engines = process.argv.length > 2 ? process.argv.slice(2) : ['ckks', ...(built ? ['openfhe'] : [])];

for (const engine of engines) {
  await (engine === 'ckks' ? calibrateCkks() : calibrateOpenFhe());
}

async function calibrateCkks() {
  process.stdout.write('ckks: compiling\n');
  const compiled =
    (await run('cmake', ['-S', '.', '-B', folder, ...options], { quiet: true })) === 0 &&
    (await run('cmake', ['--build', folder, '--target', 'rates', '--parallel', '2'], { quiet: true })) === 0;
  if (!compiled) {
    process.stderr.write('error: the benchmark does not compile; it needs CMake and the headers of OpenSSL\n');
    process.exit(1);
  }
  process.stdout.write('ckks: measuring\n');
  const program = join(root, folder, 'native', 'bench', 'rates');
  const runs = Array.from({ length: repetitions }, () => JSON.parse(execFileSync(program, { encoding: 'utf8' })));
  const [{ kernel, ...first }] = runs;
  const rates = Object.keys(first).map((name) => [name, rounded(median(runs.map((measured) => measured[name])))]);
  keep(kernel, kernel, Object.fromEntries(rates));
}

async function calibrateOpenFhe() {
  const { measureOpenFheRates } = await import('./lib/openfhe-rates.mjs');
  const rates = await measureOpenFheRates((text) => process.stdout.write(`openfhe: ${text}\n`));
  keep('openfhe', kernelFor(describeMachine().flags), rates);
}

/** Writes the file of rates and prints what was in it before. */
function keep(name, kernel, rates) {
  const file = join(root, 'rates', `${name}.json`);
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  for (const [rate, value] of Object.entries(rates)) {
    process.stdout.write(`${name} ${rate}: ${before[rate]} -> ${value}\n`);
  }
  writeFileSync(file, `${JSON.stringify({ machine: machineInWords(kernel), ...rates }, undefined, 2)}\n`);
}

/** Cores and the instructions that were measured, e.g. `2 cores, AVX-512 IFMA`. */
function machineInWords(kernel) {
  const { cores } = describeMachine();
  const instructions = { avx512: 'AVX-512 IFMA', avx2: 'AVX2', scalar: 'no vector instructions' }[kernel];
  return `${cores} core${cores === 1 ? '' : 's'}, ${instructions}`;
}

function median(values) {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)];
}

/** Three digits; counts as they are. */
function rounded(value) {
  return Number.isInteger(value) ? value : Number(value.toPrecision(3));
}
