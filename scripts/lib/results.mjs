import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './process.mjs';

const folder = join(root, 'bench', 'results');

/** Appends one measurement to bench/results/<name>.jsonl. */
export function appendResult(name, result) {
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, `${name}.jsonl`), `${JSON.stringify(result)}\n`);
}

/** All measurements of bench/results/<name>.jsonl, oldest first; none where there is no such file. */
export function readResults(name) {
  const file = join(folder, `${name}.jsonl`);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  return lines.map((line) => JSON.parse(line));
}

/** The last measurement in bench/results/<name>.jsonl for each value of `keyOf`, in the order of the first ones. */
export function latestResults(name, keyOf) {
  return [...new Map(readResults(name).map((result) => [keyOf(result), result])).values()];
}

/** What `python -m resnet20_training evaluate` left in bench/results/training-*.json, by the network's name. */
export function readEvaluations() {
  const files = readdirSync(folder).filter((file) => /^training-.*\.json$/.test(file));
  const evaluations = files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')));
  return new Map(evaluations.map((evaluation) => [evaluation.network, evaluation]));
}

/** The last run of a profile for each number of images, smallest first (scripts/bench.mjs). */
export function latestRuns(profile) {
  const imagesOf = ({ infer }) => infer.images.length;
  return latestResults(profile, imagesOf).sort((left, right) => imagesOf(left) - imagesOf(right));
}

/** Names of the result files that start so, in order. */
export function resultNames(prefix) {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files
    .filter((file) => file.startsWith(prefix) && file.endsWith('.jsonl'))
    .map((file) => file.slice(0, -'.jsonl'.length))
    .sort();
}
