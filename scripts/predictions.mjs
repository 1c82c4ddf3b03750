// npm run predictions [-- --kernels NAME,... --threads N,... --runs N]   predicted and measured seconds of each stage of
// one image under the default profile; by default for all kernels that this machine has, with a thread for each core and
// with one
// Makes keys in a temporary folder; appends one line for each combination to bench/results/predictions.jsonl. To be
// run on a quiet machine: other programs take cores and caches from either side of the comparison.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { measure } from '../bench/measure.mjs';
import { addonPath } from '../dist/engine/addon-path.js';
import { root } from './lib/process.mjs';
import { appendResult } from './lib/results.mjs';
import { sumsByStage } from './lib/stage-sums.mjs';

const available = createRequire(import.meta.url)(addonPath('ckks')).availableKernels();
const { values } = parseArgs({
  options: {
    kernels: { type: 'string', default: available.join(',') },
    threads: { type: 'string', default: [...new Set([os.availableParallelism(), 1])].join(',') },
    runs: { type: 'string', default: '3' },
  },
});
const launcher = join(root, 'bin', 'resnet20-fhe.js');
const folder = mkdtempSync(join(os.tmpdir(), 'resnet20-fhe-predictions-'));
const keys = join(folder, 'set');
const trace = join(folder, 'trace.json');
try {
  await measure(launcher, ['generate-keys', '--out', keys], { RESNET20_FHE_KEYS: folder });
  for (const kernel of values.kernels.split(',')) {
    for (const threads of values.threads.split(',').map(Number)) {
      await compare(kernel, threads);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function compare(kernel, threads) {
  // A folder of its own, so that the rates are measured now.
  const environment = {
    RESNET20_FHE_KERNEL: kernel,
    RESNET20_FHE_KEYS: folder,
    XDG_CACHE_HOME: mkdtempSync(join(folder, 'cache-')),
  };
  const runs = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const { otherCores } = await measure(
      launcher,
      ['infer', '--keys', keys, '--threads', `${threads}`, '--trace', trace],
      environment,
    );
    runs.push({ otherCores, ...JSON.parse(readFileSync(trace, 'utf8')) });
  }
  runs.sort((left, right) => left.seconds - right.seconds);
  const { rates, steps, otherCores } = runs[Math.floor(runs.length / 2)];
  const stages = sumsByStage(steps);
  appendResult('predictions', {
    date: new Date().toISOString(),
    commit: describeCommit(root),
    machine: describeMachine(),
    kernel,
    threads,
    runs: runs.length,
    otherCores,
    rates,
    stages,
  });
  const sum = (name) => stages.reduce((total, stage) => total + stage[name], 0).toFixed(2);
  process.stderr.write(
    `${kernel}, ${threads} thread(s): predicted ${sum('predictedSeconds')} s, measured ${sum('seconds')} s, ` +
      `of processors ${sum('processorSeconds')} s\n`,
  );
}
