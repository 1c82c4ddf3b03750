import { link, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { checkOutputFile } from '../../src/operations/output-file.js';
import { writeFileAtomically } from '../../src/store/atomic-file.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

test('a file that is read too is refused, under whichever name', async () => {
  const picture = join(folder, 'real.png');
  await writeFile(picture, 'picture');
  await symlink('real.png', join(folder, 'link.png'));
  await link(picture, join(folder, 'other.png'));
  await mkdir(join(folder, 'deep'));
  const names = ['real.png', 'link.png', 'other.png', 'deep/../real.png'].map((name) => join(folder, name));
  for (const input of names) {
    for (const output of names) {
      expect(await describeError(() => checkOutputFile(output, [input]))).toBe(
        `ERR_USAGE ${output}: named twice, so it would be overwritten; name another file to write`,
      );
    }
  }
  await checkOutputFile(join(folder, 'result'), [...names, '-']);
  expect(await readdir(folder)).toHaveLength(4);
});

test('a link stays, and the file behind it is written', async () => {
  await mkdir(join(folder, 'disk'));
  await symlink('disk/result', join(folder, 'link'));
  expect(await describeError(() => checkOutputFile(join(folder, 'link'), []))).toMatch(
    /^ERR_FILE .*link: a symbolic link to disk\/result, which is not there; remove the link$/,
  );
  await writeFile(join(folder, 'disk', 'result'), 'old');
  await checkOutputFile(join(folder, 'link'), []);
  await writeFileAtomically(join(folder, 'link'), [Buffer.from('new')]);
  expect((await readdir(folder, { withFileTypes: true })).map((entry) => [entry.name, entry.isSymbolicLink()])).toEqual(
    [
      ['disk', false],
      ['link', true],
    ],
  );
  expect(await readdir(join(folder, 'disk'))).toEqual(['result']);
});

test('the longest name that the file system takes can be written, a longer one is refused before', async () => {
  const longest = join(folder, 'n'.repeat(255));
  await checkOutputFile(longest, []);
  await writeFileAtomically(longest, [Buffer.from('content')]);
  expect(await readdir(folder)).toEqual(['n'.repeat(255)]);
  expect(await describeError(() => checkOutputFile(join(folder, 'n'.repeat(256)), []))).toMatch(
    /^ERR_FILE .*: the name is longer than the file system takes; name it shorter$/,
  );
});
