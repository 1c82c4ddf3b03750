// node scripts/plot-performance.mjs [--trace FILE]
// Writes docs/performance.md and docs/images/performance-*.svg from what bench/results/ holds; parts for which nothing has
// been measured are left out. --trace: first keeps a trace of `infer --trace FILE`, made on this machine, in bench/results/.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { profileNames } from '../dist/catalogue/profiles.js';
import { latestAccuracies, networkAccuracies } from './lib/accuracies.mjs';
import { barChart } from './lib/bar-chart.mjs';
import { growthPoints } from './lib/growth.mjs';
import { growthChart } from './lib/growth-chart.mjs';
import { librarySection } from './lib/library-section.mjs';
import { NativeResult, SHORT_TITLES } from './lib/native-result.mjs';
import { peerRatios } from './lib/native-tables.mjs';
import { performanceDocument } from './lib/performance-document.mjs';
import { root } from './lib/process.mjs';
import { latestResults, latestRuns, readResults, resultNames } from './lib/results.mjs';

const results = join(root, 'bench', 'results');
const docs = join(root, 'docs');
const traceFile = join(results, 'trace-params_fast.json');

const { values } = parseArgs({ options: { trace: { type: 'string' } } });
if (values.trace !== undefined) {
  keepTrace(values.trace);
}

mkdirSync(join(docs, 'images'), { recursive: true });
const trace = existsSync(traceFile) ? JSON.parse(readFileSync(traceFile, 'utf8')) : undefined;
if (trace !== undefined) {
  draw('performance-time.svg', timeChart(trace));
  draw('performance-memory.svg', memoryChart(trace));
}
const library = latestNativeResult();
if (library !== undefined && growthPoints(library).length > 1) {
  draw('performance-growth.svg', libraryGrowthChart(library));
}
if (library !== undefined && peerRatios(library).length > 0) {
  draw('performance-peers.svg', peerChart(library));
}
const document = performanceDocument({
  trace,
  runs: profileNames.flatMap(latestRuns),
  conditions: latestResults('conditions', ({ condition }) => condition),
  predictions: latestResults('predictions', ({ kernel, threads }) => `${kernel} ${threads}`),
  agreements: resultNames('agreement-').map((name) => readResults(name).at(-1)),
  networks: networkAccuracies(),
  accuracies: profileNames.flatMap(latestAccuracies),
  library: library && librarySection(library),
});
writeFileSync(join(docs, 'performance.md'), document);

function keepTrace(path) {
  const made = { date: new Date().toISOString(), commit: describeCommit(root), machine: describeMachine() };
  const measured = JSON.parse(readFileSync(path, 'utf8'));
  if (measured.profile !== 'params_fast' || measured.images !== 1) {
    process.stderr.write('error: the trace must be of one image under params_fast\n');
    process.exit(2);
  }
  mkdirSync(results, { recursive: true });
  writeFileSync(traceFile, `${JSON.stringify({ ...made, ...measured })}\n`);
}

/** The last benchmark of the library. */
function latestNativeResult() {
  const files = existsSync(results) ? readdirSync(results) : [];
  const last = files
    .filter((file) => /^native-.*\.json$/.test(file))
    .sort()
    .at(-1);
  return last === undefined ? undefined : new NativeResult(JSON.parse(readFileSync(join(results, last), 'utf8')));
}

function draw(name, chart) {
  writeFileSync(join(docs, 'images', name), chart);
}

function libraryGrowthChart(result) {
  return growthChart({
    title: 'Time and counted work, one thread',
    caption:
      'N = 2^13 to 2^16 at their top levels, and lower levels of 2^16. On the dashed line time is proportional to work.',
    xLabel: 'multiplications',
    yLabel: 'milliseconds',
    points: growthPoints(result).map(({ name, multiplications, milliseconds }) => ({
      series: SHORT_TITLES[name],
      x: multiplications,
      y: milliseconds,
    })),
  });
}

function peerChart(result) {
  return barChart({
    title: 'Time of other libraries as a multiple of this one, one thread',
    caption: 'N = 2^16 at the top level of 21 primes, measured in one run.',
    rows: peerRatios(result).map(({ label, peer, ratio }) => ({
      label: `${label}, ${peer}`,
      value: ratio,
      group: peer,
    })),
    format: (value) => `${value.toFixed(1)} x`,
  });
}

function timeChart({ steps, seconds }) {
  return barChart({
    title: `Seconds of each step: ${seconds.toFixed(2)} s in all`,
    caption: 'One image. The tick is the prediction from the committed rates.',
    rows: steps.map((step) => ({
      label: step.name,
      value: step.seconds,
      mark: step.predictedSeconds,
      group: step.stage,
    })),
    format: (value) => `${(1000 * value).toFixed(0)} ms`,
  });
}

/** Resident memory at the end of each step never falls much: pages go back to a pool. So a stage's largest is shown. */
function memoryChart({ steps }) {
  const stages = new Map();
  for (const { stage, rssBytes } of steps) {
    stages.set(stage, Math.max(rssBytes, stages.get(stage) ?? 0));
  }
  return barChart({
    title: 'Resident memory in each stage',
    caption: 'One image, the whole process: largest after any step of the stage.',
    rows: [...stages].map(([stage, bytes]) => ({ label: stage, value: bytes, group: stage })),
    format: (value) => `${(value / 1e6).toFixed(0)} MB`,
  });
}
