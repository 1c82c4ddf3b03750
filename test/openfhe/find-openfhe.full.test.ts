import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folders.js';

const source = resolve(import.meta.dirname, '../../cmake/OpenFHE.cmake');

/** A tree with the CMake file and nothing of OpenFHE, to be filled by the tests. */
async function emptyTree(): Promise<string> {
  const tree = await temporaryFolder();
  mkdirSync(join(tree, 'cmake'));
  // What git leaves of a submodule that is not checked out.
  mkdirSync(join(tree, 'native/third_party/openfhe'), { recursive: true });
  cpSync(source, join(tree, 'cmake/OpenFHE.cmake'));
  const project = 'cmake_minimum_required(VERSION 3.20)\nproject(test LANGUAGES CXX)\ninclude(cmake/OpenFHE.cmake)\n';
  writeFileSync(join(tree, 'CMakeLists.txt'), project);
  return tree;
}

function addPrebuilt(tree: string): void {
  mkdirSync(join(tree, 'native/third_party/prebuilt'), { recursive: true });
  writeFileSync(join(tree, 'native/third_party/prebuilt/VERSION'), '1.4.2\n');
}

function addInstalled(tree: string, version: string): string {
  const folder = join(tree, 'installed');
  mkdirSync(folder);
  writeFileSync(join(folder, 'OpenFHEConfig.cmake'), `set(BASE_OPENFHE_VERSION ${version})\n`);
  return `-DOpenFHE_DIR=${folder}`;
}

function configure(tree: string, ...options: string[]): { status: number | null; output: string } {
  const run = spawnSync('cmake', ['-S', tree, '-B', join(tree, 'build'), ...options], { encoding: 'utf8' });
  return { status: run.status, output: run.stdout + run.stderr };
}

describe('finding OpenFHE', () => {
  it('without any, names the command that fetches it', async () => {
    const { status, output } = configure(await emptyTree());
    expect(status).not.toBe(0);
    expect(output).toContain('resnet20-fhe build openfhe --prebuilt');
  });

  it('takes the prebuilt libraries where the submodule is not checked out', async () => {
    const tree = await emptyTree();
    addPrebuilt(tree);
    const { status, output } = configure(tree);
    expect(output).toContain('OpenFHE 1.4.2: prebuilt');
    expect(status).toBe(0);
  });

  it('prefers an installed OpenFHE', async () => {
    const tree = await emptyTree();
    addPrebuilt(tree);
    const { status, output } = configure(tree, addInstalled(tree, '1.5.0'));
    expect(output).toContain('OpenFHE 1.5.0: installed');
    expect(status).toBe(0);
  });

  it('refuses a folder without one, instead of taking another way', async () => {
    const tree = await emptyTree();
    addPrebuilt(tree);
    const { status, output } = configure(tree, `-DOpenFHE_DIR=${tree}`);
    expect(status).not.toBe(0);
    expect(output).toContain('There is no installed OpenFHE in');
  });

  it('refuses one that is too old', async () => {
    const tree = await emptyTree();
    const { status, output } = configure(tree, addInstalled(tree, '1.2.3'));
    expect(status).not.toBe(0);
    expect(output).toContain('OpenFHE >= 1.4 is needed, found 1.2.3');
  });

  it('takes a checked-out submodule before the prebuilt, and asks for its own submodule', async () => {
    const tree = await emptyTree();
    addPrebuilt(tree);
    writeFileSync(join(tree, 'native/third_party/openfhe/CMakeLists.txt'), '');
    const { status, output } = configure(tree);
    expect(status).not.toBe(0);
    expect(output).toContain('submodule update --init third-party/cereal');
  });
});
