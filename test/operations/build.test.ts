import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dropMovedBuild } from '../../src/operations/build.js';
import { temporaryFolder } from '../support/folders.js';

async function buildFolderOf(home: string, folder: string): Promise<string> {
  const build = join(folder, 'build');
  await mkdir(join(build, 'CMakeFiles'), { recursive: true });
  await mkdir(join(build, 'Release'));
  await writeFile(
    join(build, 'CMakeCache.txt'),
    `CMAKE_GENERATOR:INTERNAL=Ninja\nCMAKE_HOME_DIRECTORY:INTERNAL=${home}\n`,
  );
  return build;
}

test('a build folder that was moved or copied is configured anew, and what was built stays', async () => {
  const folder = await temporaryFolder();
  const build = await buildFolderOf('/home/ada/resnet20-fhe', folder);
  await dropMovedBuild(build, `${folder}/`);
  expect(await readdir(build)).toEqual(['Release']);
});

test('one that was not, also under another name of its folder, stays as it is', async () => {
  const folder = await temporaryFolder();
  const build = await buildFolderOf(folder, folder);
  await symlink(folder, `${folder}/link`);
  await dropMovedBuild(build, `${folder}/`);
  await dropMovedBuild(build, `${folder}/link/`);
  expect((await readdir(build)).sort()).toEqual(['CMakeCache.txt', 'CMakeFiles', 'Release']);
});

test('nothing was built yet', async () => {
  await dropMovedBuild('/nowhere/build', '/');
});
