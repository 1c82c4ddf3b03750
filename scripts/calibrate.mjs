// npm run calibrate   measures the rates of the ckks cost model on this machine and writes them to src/profile/rates.json
// Run it on a quiet machine. Predictions change at once; plans change only with `npm run plan`, after which keys have to be
// generated again.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from '../bench/machine.mjs';
import { root, run } from './lib/process.mjs';

const folder = 'build/calibrate';
const options = ['-DCMAKE_BUILD_TYPE=Release', '-DRESNET20_FHE_ADDON=OFF', '-DRESNET20_FHE_BENCHMARKS=ON'];

process.stdout.write('compiling\n');
const built =
  (await run('cmake', ['-S', '.', '-B', folder, ...options], { quiet: true })) === 0 &&
  (await run('cmake', ['--build', folder, '--target', 'rates', '--parallel', '2'], { quiet: true })) === 0;
if (!built) {
  process.stderr.write('error: the benchmark does not compile; it needs CMake and the headers of OpenSSL\n');
  process.exit(1);
}
process.stdout.write('measuring\n');
const measured = JSON.parse(execFileSync(join(root, folder, 'native', 'bench', 'rates'), { encoding: 'utf8' }));

const file = join(root, 'src', 'profile', 'rates.json');
const rates = JSON.parse(readFileSync(file, 'utf8'));
// The price of keys is the planner's choice, not the machine's.
const { keyPriceSecondsPerByte } = rates.ckks;
for (const [name, value] of Object.entries(measured)) {
  process.stdout.write(`${name}: ${rates.ckks[name]} -> ${value}\n`);
}
const updated = { ...rates, machine: machineInWords(), ckks: { ...measured, keyPriceSecondsPerByte } };
writeFileSync(file, `${JSON.stringify(updated, undefined, 2)}\n`);

/** Cores and the widest kernels that the engine has for them, e.g. `2 cores, AVX-512 IFMA`. */
function machineInWords() {
  const { cores, flags } = describeMachine();
  const kernels = flags.includes('avx512ifma') ? 'AVX-512 IFMA' : flags.includes('avx2') ? 'AVX2' : 'no AVX2';
  return `${cores} core${cores === 1 ? '' : 's'}, ${kernels}`;
}
