// npm test             everything that a change must pass: build, lint, unit tests, native tests
// npm run test:full    the long encrypted runs
// Both work in a fresh clone; the last line is `N passed, N failed, N skipped` over all runners.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Outcome, readJUnitReport, readVitestReport } from './lib/outcome.mjs';
import { compileAddon, compileTypeScript, installPackages } from './lib/prepare.mjs';
import { packageBinary, run } from './lib/process.mjs';
import { lint } from './lint.mjs';
import { checkPrerequisites, hasHeader } from './prerequisites.mjs';

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
  outcome.check(await compileTypeScript());
  outcome.check(await compileAddon());
  if (full) {
    await runVitest('full');
    await runNativeTests('sanitized native tests', 'build/native-sanitized', [
      '-DCMAKE_BUILD_TYPE=RelWithDebInfo',
      '-DRESNET20_FHE_SANITIZE=address,undefined',
    ]);
    return;
  }
  await lint(outcome);
  await runVitest('unit');
  await runNativeTests('native tests', 'build/native-test', ['-DCMAKE_BUILD_TYPE=Release', '-DRESNET20_FHE_WERROR=ON']);
}

async function runVitest(project) {
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

/** GoogleTest through CTest, configured without cmake-js. */
async function runNativeTests(what, folder, configuration) {
  if (!hasHeader('gtest/gtest.h') || !hasHeader('openssl/evp.h')) {
    outcome.skip(
      what,
      'they need GoogleTest and OpenSSL, on Debian and Ubuntu: sudo apt-get install -y libgtest-dev libssl-dev',
    );
    return;
  }
  process.stdout.write(`compiling the ${what}\n`);
  const options = [...configuration, '-DRESNET20_FHE_ADDON=OFF', '-DRESNET20_FHE_TESTS=ON'];
  const built =
    (await run('cmake', ['-S', '.', '-B', folder, ...options], { quiet: true })) === 0 &&
    (await run('cmake', ['--build', folder, '--parallel', '2'], { quiet: true })) === 0;
  if (!built) {
    outcome.check(false);
    return;
  }
  const report = join(reports, 'native.xml');
  const code = await run('ctest', ['--test-dir', `${folder}/native`, '--output-on-failure', '--output-junit', report]);
  outcome.add(readJUnitReport(report), code);
}
