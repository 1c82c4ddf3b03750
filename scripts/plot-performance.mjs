// node scripts/plot-performance.mjs [--trace FILE]
// Writes docs/performance.md and docs/images/performance-*.svg from what bench/results/ holds; parts for which nothing has
// been measured are left out. --trace: first keeps a trace of `infer --trace FILE`, made on this machine, in bench/results/.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { barChart } from './lib/bar-chart.mjs';
import { performanceDocument } from './lib/performance-document.mjs';
import { root } from './lib/process.mjs';
import { readResults, resultNames } from './lib/results.mjs';

const results = join(root, 'bench', 'results');
const docs = join(root, 'docs');
const traceFile = join(results, 'trace-params_fast.json');

const { values } = parseArgs({ options: { trace: { type: 'string' } } });
if (values.trace !== undefined) {
  keepTrace(values.trace);
}

const trace = existsSync(traceFile) ? JSON.parse(readFileSync(traceFile, 'utf8')) : undefined;
if (trace !== undefined) {
  mkdirSync(join(docs, 'images'), { recursive: true });
  writeFileSync(join(docs, 'images', 'performance-time.svg'), timeChart(trace));
  writeFileSync(join(docs, 'images', 'performance-memory.svg'), memoryChart(trace));
}
const document = performanceDocument({
  trace,
  runs: resultNames('params_').flatMap(latestRuns),
  conditions: latestConditions(),
  agreements: resultNames('agreement-').map((name) => readResults(name).at(-1)),
  accuracies: resultNames('accuracy-').map((name) => readResults(name).at(-1)),
  libraryTables: libraryTables(),
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

/** The last measurement under each condition. */
function latestConditions() {
  return [...new Map(readResults('conditions').map((measured) => [measured.condition, measured])).values()];
}

/** The last run of a profile for each number of images. */
function latestRuns(name) {
  const byImages = new Map(readResults(name).map((run) => [run.infer.images.length, run]));
  return [...byImages.entries()].sort(([left], [right]) => left - right).map(([, run]) => run);
}

/** Tables of the last benchmark of the library, as Markdown. */
function libraryTables() {
  const files = existsSync(results) ? readdirSync(results) : [];
  const last = files
    .filter((file) => /^native-.*\.json$/.test(file))
    .sort()
    .at(-1);
  return last === undefined
    ? undefined
    : execFileSync(process.execPath, [join(root, 'scripts', 'native-report.mjs'), '--tables', join(results, last)], {
        encoding: 'utf8',
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
