import { existsSync } from 'node:fs';
import { packageBinary, root, run } from './process.mjs';

/** Installs the Node packages of the lock file unless they are there. Resolves to true on success. */
export async function installPackages() {
  if (existsSync(`${root}node_modules/.package-lock.json`)) {
    return true;
  }
  process.stdout.write('installing Node packages\n');
  return (await run('npm', ['ci', '--no-audit', '--no-fund'], { quiet: true })) === 0;
}

/** Compiles the TypeScript sources to dist/. Resolves to true on success. */
export async function compileTypeScript() {
  process.stdout.write('compiling TypeScript\n');
  return (await run(packageBinary('tsc'), ['-p', '.'], { quiet: true })) === 0;
}

/**
 * Configures the addon's build so that warnings in the library are errors and, with `tests`, the native tests link the
 * library that the addon links, which is compiled once. Later builds of the addon keep what is configured here. Resolves
 * to true on success.
 */
export async function configureAddon(tests) {
  const options = ['--CDRESNET20_FHE_WERROR=ON', `--CDRESNET20_FHE_TESTS=${tests ? 'ON' : 'OFF'}`];
  return (await run(packageBinary('cmake-js'), ['configure', ...options], { quiet: true })) === 0;
}

/** Compiles the ckks addon; CMake does nothing where nothing changed. Resolves to true on success. */
export async function compileAddon() {
  process.stdout.write('compiling the ckks engine\n');
  return (await run(process.execPath, ['bin/resnet20-fhe.js', 'build', 'ckks'], { quiet: true })) === 0;
}
