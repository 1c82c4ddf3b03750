// npm run fuzz -- --minutes N [TARGET...]   readers of untrusted files under damage, N minutes in all (default 10); native
//                                           loaders too, where there is a Clang with libFuzzer
// Appends one line to bench/results/fuzzing.jsonl. Of what is found, the files are left in build/fuzz/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { fuzzTarget, targets } from '../test/fuzz/fuzz.mjs';
import { compileNativeFuzzers, nativeFuzzers, runNativeFuzzer } from './lib/native-fuzzing.mjs';
import { root } from './lib/process.mjs';
import { appendResult } from './lib/results.mjs';
import { findFuzzingCompiler } from './prerequisites.mjs';

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const known = [...targets, ...nativeFuzzers];
const unknown = positionals.find((name) => !known.includes(name));
const minutes = Number(values.minutes);
if (unknown !== undefined || !(minutes > 0)) {
  process.stderr.write(`usage: npm run fuzz -- [--minutes N] [--seed S] [TARGET...]; targets: ${known.join(', ')}\n`);
  process.exit(2);
}

const chosen = await withoutImpossible(positionals.length === 0 ? known : positionals);
const seconds = (60 * minutes) / chosen.length;
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const outcomes = [];
for (const target of chosen) {
  const outcome = nativeFuzzers.includes(target)
    ? await runNativeFuzzer(target, seconds)
    : await fuzzTarget(target, { seconds, seed });
  const problems = problemsOf(outcome);
  outcomes.push({ target, executions: outcome.executions, seconds: outcome.seconds, findings: problems.length });
  process.stderr.write(`${target}: ${outcome.executions} executions, ${problems.length} findings\n`);
  process.stderr.write(problems.map((problem) => `${problem}\n`).join(''));
}
appendResult('fuzzing', {
  date: new Date().toISOString(),
  commit: describeCommit(root),
  machine: describeMachine(),
  seed,
  executions: sumOf('executions'),
  seconds: sumOf('seconds'),
  findings: sumOf('findings'),
  targets: outcomes,
});
process.exitCode = sumOf('findings') === 0 ? 0 : 1;

/** Native fuzzers are left out, with a notice, where they can't be built. */
async function withoutImpossible(names) {
  if (!names.some((name) => nativeFuzzers.includes(name))) {
    return names;
  }
  const compiler = findFuzzingCompiler();
  if (compiler !== undefined && (await compileNativeFuzzers(compiler))) {
    return names;
  }
  process.stderr.write('native fuzzers are left out: they need Clang with libFuzzer, GoogleTest and OpenSSL\n');
  return names.filter((name) => !nativeFuzzers.includes(name));
}

/** Texts that name each finding; the files of it are kept. */
function problemsOf({ target, problem, findings }) {
  if (findings === undefined) {
    return problem === undefined ? [] : [problem];
  }
  return findings.map(({ index, problem: text, files = {} }) => {
    const folder = join(root, 'build', 'fuzz', `${target}-${seed}-${index}`);
    for (const [name, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    }
    return `case ${index} of seed ${seed}: ${text}`;
  });
}

function sumOf(field) {
  return outcomes.reduce((sum, outcome) => sum + outcome[field], 0);
}
