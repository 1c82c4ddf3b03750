// npm run simulated-accuracy -- --data DIR [--limit N] [--result FILE]
// Accuracy of the default profile's circuit on the simulator, with the noise that encryption is predicted to add, over the
// test pictures in DIR (one folder per class, or CIFAR-10 binary batches). Appends to bench/results/accuracy-<profile>.jsonl.
// --result records the output of an earlier `resnet20-fhe accuracy --engine simulator --json` instead of running it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { measure } from '../bench/measure.mjs';
import { root } from './lib/process.mjs';
import { appendResult } from './lib/results.mjs';

const { values } = parseArgs({
  options: { data: { type: 'string' }, limit: { type: 'string' }, result: { type: 'string' } },
});
if ((values.data === undefined) === (values.result === undefined)) {
  process.stderr.write('usage: npm run simulated-accuracy -- --data DIR [--limit N] | --result FILE\n');
  process.exit(2);
}

const limit = values.limit === undefined ? [] : ['--limit', values.limit];
const result =
  values.result === undefined
    ? (
        await measure(
          join(root, 'bin', 'resnet20-fhe.js'),
          ['accuracy', '--engine', 'simulator', '--data', values.data, ...limit],
          {},
        )
      ).result
    : JSON.parse(readFileSync(values.result, 'utf8'));
appendResult(`accuracy-${result.profile}`, {
  date: new Date().toISOString(),
  commit: describeCommit(root),
  machine: describeMachine(),
  command: ['resnet20-fhe accuracy --engine simulator --data DIR', ...limit, '--json'].join(' '),
  ...result,
});
