// npm run reference-accuracy -- --data DIR [network...]
// Accuracy of the plain forward pass in TypeScript, float64, over all test pictures in DIR (one folder per class, or
// CIFAR-10 binary batches). Without names: all weights that come with the program; about 6 minutes each on one core.
// Appends to bench/results/reference-<network>.jsonl.
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { readDataSet } from '../dist/image/data-set.js';
import { normalise } from '../dist/image/normalise.js';
import { forward } from '../dist/network/forward.js';
import { inputOf, outputOf } from '../dist/network/graph.js';
import { loadNetwork, weightsPath } from '../dist/network/weights/load.js';
import { largestIndex } from '../dist/operations/prediction.js';
import { networkNames } from './lib/accuracies.mjs';
import { root } from './lib/process.mjs';
import { appendResult } from './lib/results.mjs';

const PROGRESS_EVERY = 500;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { data: { type: 'string' } } });
if (values.data === undefined) {
  process.stderr.write('usage: npm run reference-accuracy -- --data DIR [network...]\n');
  process.exit(2);
}

for (const name of positionals.length > 0 ? positionals : networkNames()) {
  await measureNetwork(name);
}

async function measureNetwork(name) {
  const started = performance.now();
  const { graph, card } = await loadNetwork(weightsPath(name));
  let images = 0;
  let right = 0;
  for await (const { pixels, label } of readDataSet(values.data, {
    classes: outputOf(graph).classes,
    picture: inputOf(graph).shape,
  })) {
    const scores = [...forward(graph, normalise(pixels, inputOf(graph)))];
    images++;
    right += largestIndex(scores) === label ? 1 : 0;
    if (images % PROGRESS_EVERY === 0) {
      process.stderr.write(`${name}: ${images} pictures, ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
    }
  }
  appendResult(`reference-${name}`, {
    date: new Date().toISOString(),
    commit: describeCommit(root),
    machine: describeMachine(),
    command: `node scripts/reference-accuracy.mjs --data DIR ${name}`,
    network: name,
    weights: card.sha256,
    images,
    accuracy: right / images,
    seconds: (performance.now() - started) / 1000,
  });
  process.stderr.write(`${name}: ${((100 * right) / images).toFixed(2)} % of ${images}\n`);
}
