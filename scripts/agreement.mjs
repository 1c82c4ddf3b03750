// npm run agreement -- --data DIR [--images 100] [--keys SET] [--threads N]
// Encrypts test images, as many at once as a ciphertext holds, and compares classes and scores with the plain network's.
// DIR has one folder per class, or CIFAR-10 binary batches. Images whose answer is refused are counted apart. Appends to bench/results/agreement-<profile>.jsonl.
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { readDataSet } from '../dist/image/data-set.js';
import { dataSetShapeOf } from '../dist/operations/accuracy.js';
import { classifierOver } from '../dist/operations/image-classifier.js';
import { peakRssBytes } from '../dist/operations/key-set-summary.js';
import { differences, largestIndex, mean } from '../dist/operations/prediction.js';
import { maximumImages } from '../dist/sessions/deployment.js';
import { openRoles } from '../dist/sessions/roles.js';
import { root } from './lib/process.mjs';
import { appendResult } from './lib/results.mjs';

/**
 * Two scores differ by noise of sqrt(2) times a score's, so a margin of so many deviations of a score's error is crossed
 * in one of 20,000 images.
 */
const CLEAR_DEVIATIONS = 6;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    images: { type: 'string', default: '100' },
    keys: { type: 'string' },
    threads: { type: 'string' },
  },
});
const limit = Number(values.images);
const threads = values.threads === undefined ? undefined : Number(values.threads);
if (values.data === undefined || !Number.isInteger(limit) || limit < 1 || (threads !== undefined && !(threads >= 1))) {
  process.stderr.write('usage: npm run agreement -- --data DIR [--images N] [--keys SET] [--threads N]\n');
  process.exit(2);
}

const roles = await openRoles({ keys: values.keys, threads });
const { model, engine } = roles;
const profile = model.profile.name;
process.stdout.write(`${profile}, ${limit} images in groups of ${maximumImages(model)}\n`);
const classifier = classifierOver(roles, {});
const { labels, scores, plainScores, refused, seconds } = await classifyAll(classifier);
await classifier.close();

const result = {
  date: new Date().toISOString(),
  commit: describeCommit(root),
  profile,
  engine,
  command: `npm run agreement -- --data DIR --images ${limit}${threads === undefined ? '' : ` --threads ${threads}`}`,
  machine: describeMachine(),
  images: labels.length,
  refused,
  imagesAtOnce: maximumImages(model),
  ...compare(),
  secondsPerImage: seconds / (labels.length + refused),
  peakRssBytes: peakRssBytes(),
};
appendResult(`agreement-${profile}`, result);
process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);

async function classifyAll(classifier) {
  const found = { labels: [], scores: [], plainScores: [], refused: 0, seconds: 0 };
  for await (const group of groups()) {
    const started = performance.now();
    const classified = await classifier.classify(group.map((image) => image.pixels));
    found.seconds += (performance.now() - started) / 1000;
    for (const [index, image] of classified.entries()) {
      if (image.scores === undefined) {
        found.refused++;
      } else {
        found.labels.push(group[index].label);
        found.scores.push(image.scores);
        found.plainScores.push(image.plainScores);
      }
    }
    process.stdout.write(`${found.labels.length + found.refused} of ${limit}\n`);
  }
  return found;
}

async function* groups() {
  let group = [];
  let count = 0;
  for await (const image of readDataSet(values.data, dataSetShapeOf(model))) {
    group.push(image);
    count++;
    if (group.length === maximumImages(model) || count === limit) {
      yield group;
      group = [];
    }
    if (count === limit) {
      return;
    }
  }
  if (group.length > 0) {
    yield group;
  }
}

function compare() {
  const errors = scores.flatMap((of, image) => differences(of, plainScores[image]));
  const deviation = Math.sqrt(mean(errors.map((error) => error * error)));
  const same = scores.map((of, image) => largestIndex(of) === largestIndex(plainScores[image]));
  const clear = same.filter((_, image) => marginOf(plainScores[image]) > CLEAR_DEVIATIONS * deviation);
  const share = (flags) => mean(flags.map(Number));
  return {
    agreement: share(same),
    clearImages: clear.length,
    clearAgreement: clear.length === 0 ? null : share(clear),
    accuracy: share(scores.map((of, image) => largestIndex(of) === labels[image])),
    plainAccuracy: share(plainScores.map((of, image) => largestIndex(of) === labels[image])),
    meanError: mean(errors),
    rmsError: deviation,
    maxError: Math.max(...errors),
    meanMargin: mean(plainScores.map(marginOf)),
  };
}

/** By how much the best score exceeds the second. */
function marginOf(of) {
  const [best, second] = [...of].sort((left, right) => right - left);
  return best - second;
}
