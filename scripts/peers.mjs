// node scripts/peers.mjs openfhe|lattigo [OPTION VALUE]...   builds a program of bench/peers and runs it with these options;
//                                                           prints its JSON
// node scripts/peers.mjs openfhe|lattigo --check            says on stdout what is missing for that, and ends with 1
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './lib/process.mjs';

const sources = join(root, 'bench', 'peers');
const builds = join(root, 'build', 'peers');

/** How each peer is prepared (which fails where something is missing), built, and started. */
const peers = {
  openfhe: {
    prepare: ['cmake', '-S', join(sources, 'openfhe'), '-B', join(builds, 'openfhe')],
    missing: 'OpenFHE is missing: resnet20-fhe build openfhe --prebuilt',
    build: ['cmake', '--build', join(builds, 'openfhe')],
    program: join(builds, 'openfhe', 'peer'),
  },
  lattigo: {
    prepare: ['go', 'mod', 'download'],
    missing: 'Go 1.24, or the module of Lattigo, is missing',
    build: ['go', 'build', '-buildvcs=false', '-o', join(builds, 'lattigo'), '.'],
    folder: join(sources, 'lattigo'),
    program: join(builds, 'lattigo'),
  },
};

export const peerNames = Object.keys(peers);

/** Why a peer cannot be built here; undefined where it can. */
export function missingForPeer(name) {
  const { prepare, folder, missing } = peers[name];
  return start(prepare, folder).status === 0 ? undefined : missing;
}

/** Builds a peer and returns what it prints, parsed. Throws when it does not compile or fails. */
export function runPeer(name, options) {
  const { prepare, build, folder, program } = peers[name];
  mkdirSync(builds, { recursive: true });
  for (const command of [prepare, build]) {
    const { status, stdout, stderr, error } = start(command, folder);
    if (status !== 0) {
      throw new Error(`${command.join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`);
    }
  }
  const { status, stdout, stderr } = start([program, ...options]);
  if (status !== 0) {
    throw new Error(`${name}: ${stderr}`);
  }
  return JSON.parse(stdout);
}

function start([command, ...commandArguments], folder = root) {
  return spawnSync(command, commandArguments, { cwd: folder, encoding: 'utf8', maxBuffer: 1e9 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, ...options] = process.argv.slice(2);
  if (peers[name] === undefined) {
    process.stderr.write(`usage: node scripts/peers.mjs ${peerNames.join('|')} [--check | OPTION VALUE]...\n`);
    process.exitCode = 2;
  } else if (options[0] === '--check') {
    const missing = missingForPeer(name);
    process.stdout.write(missing === undefined ? '' : `${missing}\n`);
    process.exitCode = missing === undefined ? 0 : 1;
  } else {
    try {
      process.stdout.write(`${JSON.stringify(runPeer(name, options))}\n`);
    } catch (error) {
      process.stderr.write(`error: ${error.message}\n`);
      process.exitCode = 1;
    }
  }
}
