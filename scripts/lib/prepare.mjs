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

/** Compiles the ckks addon; CMake does nothing where nothing changed. Resolves to true on success. */
export async function compileAddon() {
  process.stdout.write('compiling the ckks engine\n');
  return (await run(process.execPath, ['bin/resnet20-fhe.js', 'build', 'ckks'], { quiet: true })) === 0;
}
