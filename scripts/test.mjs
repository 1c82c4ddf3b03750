// npm test             everything that a change must pass: build, lint, unit tests, native tests; minutes
// npm run test:full    the long encrypted runs, sanitizers, fuzzers, and the Python of training/, security/ and test/interop/
// Both work in a fresh clone; the last line is `N passed, N failed, N skipped` over all runners.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fuzzTarget, targets } from '../test/fuzz/fuzz.mjs';
import { compileNativeFuzzers, nativeFuzzers, runNativeFuzzer } from './lib/native-fuzzing.mjs';
import { Outcome, readJUnitReport, readVitestReport } from './lib/outcome.mjs';
import { compileAddon, compileTypeScript, configureAddon, installPackages } from './lib/prepare.mjs';
import { packageBinary, run } from './lib/process.mjs';
import { missingModules, python } from './lib/python.mjs';
import { lint } from './lint.mjs';
import { checkPrerequisites, findFuzzingCompiler, hasHeader } from './prerequisites.mjs';

const full = process.argv.includes('--full');
const reports = mkdtempSync(join(tmpdir(), 'resnet20-fhe-test-'));
const outcome = new Outcome();
try {
  await test();
} finally {
  rmSync(reports, { recursive: true, force: true });
}
process.stdout.write(`${outcome}\n`);
process.exitCode = outcome.failed === 0 ? 0 : 1;

async function test() {
  const prepared = checkPrerequisites() && (await installPackages());
  if (!prepared) {
    outcome.check(false);
    return;
  }
  await (full ? testFully() : testQuickly());
}

/**
 * What every change must pass, sized for two cores. Compilers fill both of them while the cheap checks run beside; the
 * tests come after, so that none is short of time or memory.
 */
async function testQuickly() {
  const withNativeTests = canBuildNativeTests('native tests');
  const [compiled, configured] = await Promise.all([compileTypeScript(), configureAddon(withNativeTests)]);
  outcome.check(compiled);
  const [built] = await Promise.all([configured && buildAddonAndTests(withNativeTests), lint(outcome)]);
  outcome.check(built);
  if (built && withNativeTests) {
    await runCTest('native tests', 'build');
  }
  await runVitest('unit');
}

async function testFully() {
  outcome.check(await compileTypeScript());
  outcome.check(await compileAddon());
  await runVitest('full');
  await runSanitizedTests();
  await runThreadSanitizer();
  await runReaderFuzzers();
  await runNativeFuzzers();
  await runPython();
}

async function buildAddonAndTests(withNativeTests) {
  if (!(await compileAddon())) return false;
  if (!withNativeTests) return true;
  process.stdout.write('compiling the native tests\n');
  return compileTarget('build', 'native_tests');
}

async function runVitest(project) {
  process.stdout.write(`running the ${project} tests\n`);
  const report = join(reports, `${project}.json`);
  const code = await run(packageBinary('vitest'), [
    'run',
    `--project=${project}`,
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  outcome.add(readVitestReport(report), code);
}

/** GoogleTest with sanitizers, configured without cmake-js. */
async function runSanitizedTests() {
  const what = 'sanitized native tests';
  if (!canBuildNativeTests(what)) return;
  const folder = 'build/native-sanitized';
  const configuration = ['-DCMAKE_BUILD_TYPE=RelWithDebInfo', '-DRESNET20_FHE_SANITIZE=address,undefined'];
  if (!(await buildNative(what, folder, configuration, 'native_tests'))) {
    outcome.check(false);
    return;
  }
  await runCTest(what, folder);
}

/** Runs the GoogleTest programs that were built in a folder. */
async function runCTest(what, folder, selection = []) {
  process.stdout.write(`running the ${what}\n`);
  const report = join(reports, 'native.xml');
  const options = ['--parallel', '2', '--output-on-failure', '--output-junit', report];
  const code = await run('ctest', ['--test-dir', `${folder}/native`, ...options, ...selection]);
  outcome.add(readJUnitReport(report), code);
}

/** Callers in several threads under ThreadSanitizer: the programs that have such callers, and no others. */
async function runThreadSanitizer() {
  const what = 'thread-sanitized native tests';
  if (!canBuildNativeTests(what)) return;
  const folder = 'build/native-threads';
  const configuration = ['-DCMAKE_BUILD_TYPE=RelWithDebInfo', '-DRESNET20_FHE_SANITIZE=thread'];
  if (!(await buildNative(what, folder, configuration, 'thread_tests'))) {
    outcome.check(false);
    return;
  }
  await runCTest(what, folder, ['--tests-regex', '^sessions_test|Parallel']);
}

/** Readers in TypeScript under damaged files, a few seconds each; npm run fuzz runs them longer. */
async function runReaderFuzzers() {
  for (const target of targets) {
    const { executions, findings } = await fuzzTarget(target, { seconds: 4, seed: 1 });
    const succeeded = findings.length === 0 && executions > 0;
    process.stdout.write(`${succeeded ? 'passed' : 'FAILED'}: fuzzer of reading, ${target}, ${executions} cases\n`);
    process.stdout.write(findings.map(({ index, problem }) => `case ${index}: ${problem}\n`).join(''));
    outcome.check(succeeded);
  }
}

/** Native loading of each kind of file under libFuzzer, for a quarter of a minute. */
async function runNativeFuzzers() {
  const what = 'fuzzers of loading';
  const compiler = findFuzzingCompiler();
  if (compiler === undefined) {
    outcome.skip(
      what,
      'they need Clang with libFuzzer, on Debian and Ubuntu: sudo apt-get install -y clang libclang-rt-dev',
    );
    return;
  }
  if (!canBuildNativeTests(what)) return;
  process.stdout.write(`compiling the ${what}\n`);
  if (!(await compileNativeFuzzers(compiler))) {
    outcome.check(false);
    return;
  }
  for (const kind of nativeFuzzers) {
    const { problem, executions } = await runNativeFuzzer(kind, 15);
    process.stdout.write(`${problem === undefined ? 'passed' : 'FAILED'}: ${what}, ${kind}, ${executions} cases\n`);
    process.stdout.write(problem ?? '');
    outcome.check(problem === undefined);
  }
}

/** Tests and style of everything in Python. */
async function runPython() {
  const projects = [
    { folder: 'security', modules: ['pytest'], requirements: 'security/requirements.txt' },
    { folder: 'test/interop', modules: ['numpy', 'pytest'], requirements: 'security/requirements.txt' },
    {
      folder: 'training',
      modules: ['matplotlib', 'numpy', 'PIL', 'pytest', 'safetensors', 'torch'],
      requirements: 'training/requirements.lock',
      // PyTorch and what it brings take gigabytes: these tests run where somebody trains.
      required: false,
    },
  ];
  for (const { folder, modules, requirements, required } of projects) {
    const what = `Python tests of ${folder}/`;
    if (!hasModules(what, modules, requirements, required)) continue;
    const report = join(reports, `${folder.replace('/', '-')}.xml`);
    const code = await run(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--junitxml=${report}`, folder]);
    outcome.add(readJUnitReport(report), code);
  }
  if (!hasModules('ruff', ['ruff'], 'security/requirements.txt')) return;
  for (const check of [['check'], ['format', '--check']]) {
    const folders = check[0] === 'format' ? ['security', 'test/interop'] : ['security', 'test/interop', 'training'];
    outcome.check((await run(python, ['-m', 'ruff', ...check, ...folders])) === 0);
  }
}

/** Whether Python has what a check needs; names it as skipped otherwise. */
function hasModules(what, modules, requirements, required) {
  const missing = missingModules(modules);
  if (missing?.length === 0) return true;
  const found = missing === undefined ? 'Python 3.11 or later' : missing.join(', ');
  outcome.skip(
    what,
    `${python} lacks ${found}: ${python} -m pip install -r ${requirements}; PYTHON names another`,
    required,
  );
  return false;
}

function canBuildNativeTests(what) {
  const possible = hasHeader('gtest/gtest.h') && hasHeader('openssl/evp.h');
  if (!possible) {
    outcome.skip(
      what,
      'they need GoogleTest and OpenSSL, on Debian and Ubuntu: sudo apt-get install -y libgtest-dev libssl-dev',
    );
  }
  return possible;
}

async function buildNative(what, folder, configuration, target) {
  process.stdout.write(`compiling the ${what}\n`);
  const options = [...configuration, '-DRESNET20_FHE_ADDON=OFF', '-DRESNET20_FHE_TESTS=ON'];
  return (
    (await run('cmake', ['-S', '.', '-B', folder, ...options], { quiet: true })) === 0 &&
    (await compileTarget(folder, target))
  );
}

async function compileTarget(folder, target) {
  return (await run('cmake', ['--build', folder, '--target', target, '--parallel', '2'], { quiet: true })) === 0;
}
