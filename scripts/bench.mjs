import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { measure } from '../bench/measure.mjs';

// npm run bench -- <profile> [--images N]   one profile: keys and inference as a user runs them
// npm run bench -- --all [--images N]       every profile that has no such result for this commit yet, so that it can be
//                                           called again after an interruption; one that fails does not stop the others
// npm run bench -- --short                  a check of the benchmark itself; its result is not kept

const DEFAULT_IMAGE = 'default.png';

const root = fileURLToPath(new URL('..', import.meta.url));
const launcher = join(root, 'bin', 'resnet20-fhe.js');
const commit = describeCommit(root);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    images: { type: 'string', default: '1' },
    all: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
  },
});
const images = Number(values.images);
if (!Number.isInteger(images) || images < 1 || positionals.length + Number(values.all) + Number(values.short) !== 1) {
  process.stderr.write('usage: npm run bench -- <profile> [--images N] | --all [--images N] | --short\n');
  process.exit(2);
}

// Ctrl-C reaches the program that is being measured, too; when it has ended, the keys that were made are removed.
let interrupted = false;
process.on('SIGINT', () => {
  interrupted = true;
});

if (values.short) {
  await reportingFailure(benchShort);
} else if (values.all) {
  await benchAll();
} else {
  await reportingFailure(() => benchProfile(positionals[0], resultsFile(positionals[0])));
}

/** The simulator and, where its engine is built, the default profile: it is the fastest one. */
async function benchShort() {
  const folder = mkdtempSync(join(os.tmpdir(), 'resnet20-fhe-bench-'));
  try {
    const simulated = await measure(launcher, ['infer', '--engine', 'simulator'], {});
    append(join(folder, 'simulator.jsonl'), record('simulator', 'infer --engine simulator', inference(simulated)));
    const [{ profile, engineAvailable }] = await describeProfiles();
    if (engineAvailable) {
      await benchProfile(profile, join(folder, `${profile}.jsonl`));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchAll() {
  for (const { profile, engineAvailable } of await describeProfiles()) {
    if (!engineAvailable) {
      report(`${profile}: its engine is not built here, left out`);
    } else if (hasResult(resultsFile(profile))) {
      report(`${profile}: has a result for ${commit}, left out`);
    } else if (!interrupted) {
      await reportingFailure(() => benchProfile(profile, resultsFile(profile)));
    }
  }
}

async function reportingFailure(task) {
  try {
    await task();
  } catch (error) {
    report(error.message);
    process.exitCode = interrupted ? 130 : 1;
  }
}

/** All profiles, the default one first. */
async function describeProfiles() {
  return (await measure(launcher, ['params'], {})).result;
}

/** Makes keys in a temporary folder, classifies, appends the result and removes the keys. */
async function benchProfile(profile, file) {
  const folder = mkdtempSync(join(os.tmpdir(), 'resnet20-fhe-keys-'));
  const environment = { RESNET20_FHE_KEYS: folder };
  try {
    report(`${profile}: generate-keys`);
    const keys = await measure(launcher, ['generate-keys', profile], environment);
    report(`${profile}: infer, ${images} image${images === 1 ? '' : 's'}`);
    const inputs = sampleImages(images);
    const inferred = await measure(
      launcher,
      ['infer', '--profile', profile, '--compare', '--input', ...inputs],
      environment,
    );
    const command = `generate-keys ${profile}; infer --profile ${profile} --compare --input (${images} of inputs/)`;
    append(file, record(profile, command, { ...keyGeneration(keys), ...inference(inferred) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function record(profile, command, measured) {
  return { date: new Date().toISOString(), commit, profile, command, machine: describeMachine(), ...measured };
}

function keyGeneration({ result, wallSeconds, peakRssBytes }) {
  return { generateKeys: { wallSeconds, peakRssBytes, keyBytes: result.keyBytes } };
}

function inference({ result, wallSeconds, peakRssBytes, otherCores }) {
  const predictions = result.images.map(({ input, ...prediction }) => ({ input: basename(input), ...prediction }));
  return {
    infer: {
      wallSeconds,
      peakRssBytes,
      otherCores,
      seconds: result.seconds,
      security: result.security,
      images: predictions,
    },
  };
}

/** One picture: the default one. More: one of each class in turn, from the start again when there are fewer. */
function sampleImages(count) {
  const folder = join(root, 'inputs');
  const ofClasses = readdirSync(folder).filter((name) => name.endsWith('.png') && name !== DEFAULT_IMAGE);
  const names = count === 1 ? [DEFAULT_IMAGE] : ofClasses.sort();
  return Array.from({ length: count }, (_, index) => join(folder, names[index % names.length]));
}

function resultsFile(profile) {
  return join(root, 'bench', 'results', `${profile}.jsonl`);
}

function hasResult(file) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  return lines
    .map((line) => JSON.parse(line))
    .some((result) => result.commit === commit && result.infer.images.length === images);
}

function append(file, result) {
  mkdirSync(join(file, '..'), { recursive: true });
  appendFileSync(file, `${JSON.stringify(result)}\n`);
  const seconds = result.infer.seconds.circuit.toFixed(1);
  report(`${result.profile}: circuit ${seconds} s, peak ${(result.infer.peakRssBytes / 1e9).toFixed(2)} GB`);
}

function report(text) {
  process.stderr.write(`${text}\n`);
}
