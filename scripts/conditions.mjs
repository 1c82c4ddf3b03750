// npm run conditions   one image under the default profile with other threads, kernels, memory budgets and a cold cache
// Makes keys in a temporary folder; appends one line for each condition to bench/results/conditions.jsonl.
// Dropping the page cache needs root: without it that condition is left out with a notice.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { measure } from '../bench/measure.mjs';
import { root } from './lib/process.mjs';
import { appendResult } from './lib/results.mjs';

const launcher = join(root, 'bin', 'resnet20-fhe.js');

const conditions = [
  { name: 'as installed' },
  { name: 'memory budget 800MB', options: ['--memory-budget', '800MB'] },
  { name: 'memory budget 1.2GB', options: ['--memory-budget', '1200MB'] },
  { name: 'memory budget 2GB', options: ['--memory-budget', '2GB'] },
  { name: 'memory budget 4GB', options: ['--memory-budget', '4GB'] },
  { name: 'cold page cache', prepare: dropPageCache },
  { name: 'one thread', options: ['--threads', '1'] },
  { name: 'AVX2 kernels', environment: { RESNET20_FHE_KERNEL: 'avx2' } },
  { name: 'scalar kernels', environment: { RESNET20_FHE_KERNEL: 'scalar' } },
];

const keys = mkdtempSync(join(os.tmpdir(), 'resnet20-fhe-keys-'));
try {
  await measure(launcher, ['generate-keys', '--out', join(keys, 'set')], { RESNET20_FHE_KEYS: keys });
  for (const { name, options = [], environment = {}, prepare } of conditions) {
    if (prepare !== undefined && !prepare()) {
      process.stderr.write(`${name}: left out, it needs root\n`);
      continue;
    }
    const command = ['infer', '--keys', join(keys, 'set'), ...options];
    const { result, wallSeconds, peakRssBytes } = await measure(launcher, command, environment);
    appendResult('conditions', {
      date: new Date().toISOString(),
      commit: describeCommit(root),
      machine: describeMachine(),
      condition: name,
      command: [...Object.entries(environment).map((entry) => entry.join('=')), 'infer', ...options].join(' '),
      seconds: result.seconds,
      wallSeconds,
      peakRssBytes,
      class: result.images[0].class,
    });
    process.stderr.write(
      `${name}: circuit ${result.seconds.circuit.toFixed(1)} s, ${(peakRssBytes / 1e9).toFixed(2)} GB\n`,
    );
  }
} finally {
  rmSync(keys, { recursive: true, force: true });
}

/** Whether the page cache could be emptied, so that the next run reads its keys from the disk. */
function dropPageCache() {
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch {
    return false;
  }
}
