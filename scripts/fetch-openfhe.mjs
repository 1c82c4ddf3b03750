#!/usr/bin/env node
// Fetches a prebuilt OpenFHE (Linux x64, glibc >= 2.35) into native/third_party/prebuilt: libraries from the wheel
// `openfhe`, headers of the same version from the wheel `heir_py`. Both are pinned by version and SHA-256; pip serves
// only as the client of the package index, nothing is installed and no Python code of the wheels runs.
//
//   node scripts/fetch-openfhe.mjs [--force]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const OPENFHE_VERSION = '1.4.2';
const LIBRARIES = {
  requirement: 'openfhe==1.4.2.0.22.4',
  sha256: '36fc605e929790cb2c12ad6696d632fa478499b83b75ea6772774a0daf055e75',
};
const HEADERS = {
  requirement: 'heir_py==2026.6.1',
  sha256: '704ac3b4a0ba84d976fb7761027899bb620b10e3ef94590ed754ec693ed5e70f',
};
const MINIMUM_GLIBC = [2, 35];

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const thirdParty = path.join(root, 'native', 'third_party');
const target = path.join(thirdParty, 'prebuilt');

function fail(message) {
  console.error(message);
  process.exit(1);
}

function checkPlatform() {
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  const [major = 0, minor = 0] = (glibc ?? '').split('.').map(Number);
  const recent = major > MINIMUM_GLIBC[0] || (major === MINIMUM_GLIBC[0] && minor >= MINIMUM_GLIBC[1]);
  if (process.platform !== 'linux' || process.arch !== 'x64' || !recent) {
    fail(
      `The prebuilt OpenFHE needs Linux x64 with glibc >= ${MINIMUM_GLIBC.join('.')}; found ${process.platform} ` +
        `${process.arch}${glibc ? `, glibc ${glibc}` : ''}. Install OpenFHE from source and run ` +
        '`resnet20-fhe build openfhe --openfhe-dir DIR`.',
    );
  }
}

function run(command, argumentList, purpose) {
  const result = spawnSync(command, argumentList, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (result.error?.code === 'ENOENT') {
    fail(
      `${purpose} needs ${command}, which is not installed. Install Python 3 with pip, or install OpenFHE and pass --openfhe-dir DIR.`,
    );
  }
  if (result.status !== 0) fail(`${purpose} failed:\n${result.stderr?.trim() ?? result.error}`);
}

/** Downloads one wheel into a folder of its own, checks its hash and unpacks the given members. */
function fetchWheel(wheel, folder) {
  mkdirSync(folder);
  const options = [
    '--no-deps',
    '--only-binary=:all:',
    '--python-version',
    '3.11',
    '--platform',
    'manylinux_2_28_x86_64',
  ];
  run(
    'python3',
    ['-m', 'pip', 'download', '--quiet', ...options, '--dest', folder, wheel.requirement],
    `Downloading ${wheel.requirement}`,
  );
  const name = readdirSync(folder).find((file) => file.endsWith('.whl'));
  if (name === undefined) fail(`Downloading ${wheel.requirement} left no wheel.`);
  const file = path.join(folder, name);
  const found = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (found !== wheel.sha256)
    fail(`${wheel.requirement}: expected SHA-256 ${wheel.sha256}, found ${found}. Nothing was unpacked.`);
  run('python3', ['-m', 'zipfile', '-e', file, folder], `Unpacking ${name}`);
}

function assemble(work) {
  const result = path.join(work, 'prebuilt');
  mkdirSync(path.join(result, 'lib'), { recursive: true });
  for (const library of ['core', 'pke', 'binfhe']) {
    const name = `libOPENFHE${library}.so`;
    cpSync(path.join(work, 'libraries', 'openfhe', 'lib', `${name}.1`), path.join(result, 'lib', `${name}.1`));
    symlinkSync(`${name}.1`, path.join(result, 'lib', name));
    const headers = path.join(work, 'headers', 'heir', 'openfhe+', 'src', library, 'include');
    cpSync(headers, path.join(result, 'include', library), { recursive: true });
  }
  cpSync(path.join(work, 'headers', 'heir', 'cereal+', 'include'), path.join(result, 'include', 'cereal'), {
    recursive: true,
  });
  // Describes the headers' own build, not these libraries; the right one lies in native/addon/openfhe/prebuilt.
  rmSync(path.join(result, 'include', 'core', 'config_core.h'));
  const distribution = readdirSync(path.join(work, 'libraries')).find((name) => name.endsWith('.dist-info'));
  cpSync(path.join(work, 'libraries', distribution, 'licenses', 'LICENSE'), path.join(result, 'LICENSE'));
  writeFileSync(path.join(result, 'VERSION'), `${OPENFHE_VERSION}\n`);
  return result;
}

const force = process.argv.includes('--force');
const version = path.join(target, 'VERSION');
if (!force && existsSync(version) && readFileSync(version, 'utf8').trim() === OPENFHE_VERSION) {
  console.error(`OpenFHE ${OPENFHE_VERSION} is already in ${target}`);
} else {
  checkPlatform();
  mkdirSync(thirdParty, { recursive: true });
  const work = mkdtempSync(path.join(thirdParty, 'prebuilt-'));
  process.on('exit', () => rmSync(work, { recursive: true, force: true }));
  process.on('SIGINT', () => process.exit(130));
  fetchWheel(LIBRARIES, path.join(work, 'libraries'));
  fetchWheel(HEADERS, path.join(work, 'headers'));
  const result = assemble(work);
  rmSync(target, { recursive: true, force: true });
  renameSync(result, target);
  console.error(`OpenFHE ${OPENFHE_VERSION} is in ${target}`);
}
