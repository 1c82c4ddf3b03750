// npm run simulated-accuracy -- --data DIR [--limit 1000] [--threads N] [profile...]
// Accuracy of circuits on the simulator over the test pictures in DIR (one folder per class, or CIFAR-10 binary batches),
// with as much noise as makes scores as inexact as they were in the profile's encrypted runs in bench/results/; profiles
// without such a run are left out. Without names: all profiles. Appends to bench/results/accuracy-<profile>.jsonl.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { measure } from '../bench/measure.mjs';
import { findProfile, profileNames } from '../dist/catalogue/profiles.js';
import { weightsCard } from './lib/accuracies.mjs';
import { percent } from './lib/markdown.mjs';
import { encryptedScores, measuredPrecision } from './lib/measured-precision.mjs';
import { root } from './lib/process.mjs';
import { appendResult } from './lib/results.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { data: { type: 'string' }, limit: { type: 'string', default: '1000' }, threads: { type: 'string' } },
});
if (values.data === undefined) {
  process.stderr.write('usage: npm run simulated-accuracy -- --data DIR [--limit N] [--threads N] [profile...]\n');
  process.exit(2);
}

const names = positionals.length > 0 ? positionals : profileNames;
for (const { name } of names.map(findProfile)) {
  const encrypted = encryptedScores(name);
  if (encrypted.length === 0) {
    process.stderr.write(`${name}: left out, no encrypted run is recorded (npm run bench -- ${name})\n`);
  } else {
    await measureProfile(name, encrypted);
  }
}

async function measureProfile(profile, encrypted) {
  const { precisionBits, measuredError, scores } = await measuredPrecision(profile, encrypted);
  const bits = precisionBits.toFixed(1);
  process.stderr.write(
    `${profile}: ${bits} bits give the error of ${scores} encrypted scores, ${measuredError.toExponential(1)}\n`,
  );
  const options = ['--engine', 'simulator', '--profile', profile, '--precision', bits, '--limit', values.limit];
  const threads = values.threads === undefined ? [] : ['--threads', values.threads];
  const launcher = join(root, 'bin', 'resnet20-fhe.js');
  const { result } = await measure(launcher, ['accuracy', ...options, '--data', values.data, ...threads], {});
  appendResult(`accuracy-${profile}`, {
    date: new Date().toISOString(),
    commit: describeCommit(root),
    machine: describeMachine(),
    command: `resnet20-fhe accuracy ${options.join(' ')} --data DIR --json`,
    weights: weightsCard(profile).sha256,
    precisionBits: Number(bits),
    encryptedScoreError: measuredError,
    encryptedScores: scores,
    ...result,
  });
  process.stderr.write(
    `${profile}: ${percent(result.accuracy)} of ${result.images}, plain ${percent(result.plainAccuracy)}, ` +
      `${result.seconds.toFixed(0)} s\n`,
  );
}
