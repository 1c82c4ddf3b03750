// npm run calibrate [-- ENGINE...]   measures the rates of the cost models, of ckks and of openfhe where it is built, on
// this machine and writes them to rates/rates.json
// Run it on a quiet machine. Predictions change at once; plans change only with `npm run plan`, after which keys have to be
// generated again.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from '../bench/machine.mjs';
import { compileTypeScript } from './lib/prepare.mjs';
import { root, run } from './lib/process.mjs';

const folder = 'build/calibrate';
const options = ['-DCMAKE_BUILD_TYPE=Release', '-DRESNET20_FHE_ADDON=OFF', '-DRESNET20_FHE_BENCHMARKS=ON'];

if (!(await compileTypeScript())) {
  process.exit(1);
}
const { engineStatus } = await import('../dist/engine/registry.js');
const built = engineStatus().some(({ name, available }) => name === 'openfhe' && available);
const engines = process.argv.length > 2 ? process.argv.slice(2) : ['ckks', ...(built ? ['openfhe'] : [])];

const file = join(root, 'rates', 'rates.json');
const rates = JSON.parse(readFileSync(file, 'utf8'));
for (const engine of engines) {
  const measured = engine === 'ckks' ? await measureCkks() : await measureOpenFhe();
  for (const [name, value] of Object.entries(measured)) {
    process.stdout.write(`${engine} ${name}: ${rates[engine][name]} -> ${value}\n`);
  }
  // The price of keys is the planner's choice, not the machine's.
  const { keyPriceSecondsPerByte } = rates[engine];
  rates[engine] = { ...measured, keyPriceSecondsPerByte };
}
writeFileSync(file, `${JSON.stringify({ ...rates, machine: machineInWords() }, undefined, 2)}\n`);

async function measureCkks() {
  process.stdout.write('ckks: compiling\n');
  const compiled =
    (await run('cmake', ['-S', '.', '-B', folder, ...options], { quiet: true })) === 0 &&
    (await run('cmake', ['--build', folder, '--target', 'rates', '--parallel', '2'], { quiet: true })) === 0;
  if (!compiled) {
    process.stderr.write('error: the benchmark does not compile; it needs CMake and the headers of OpenSSL\n');
    process.exit(1);
  }
  process.stdout.write('ckks: measuring\n');
  return JSON.parse(execFileSync(join(root, folder, 'native', 'bench', 'rates'), { encoding: 'utf8' }));
}

async function measureOpenFhe() {
  const { measureOpenFheRates } = await import('./lib/openfhe-rates.mjs');
  return measureOpenFheRates((text) => process.stdout.write(`openfhe: ${text}\n`));
}

/** Cores and the widest kernels that the engine has for them, e.g. `2 cores, AVX-512 IFMA`. */
function machineInWords() {
  const { cores, flags } = describeMachine();
  const kernels = flags.includes('avx512ifma') ? 'AVX-512 IFMA' : flags.includes('avx2') ? 'AVX2' : 'no AVX2';
  return `${cores} core${cores === 1 ? '' : 's'}, ${kernels}`;
}
