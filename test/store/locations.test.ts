import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { findKeySet, keysDirectory, readCurrent, setCurrent } from '../../src/store/locations.js';
import { thisProcess } from '../../src/store/owner.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';

let directory: string;
beforeEach(async () => {
  directory = await temporaryFolder();
});

const profiles = ['params_fast', 'params_secure', 'params_exp1'];
const find = (named?: string) =>
  findKeySet({ named, defaultProfile: 'params_fast', profiles, environment: { RESNET20_FHE_KEYS: directory } });

describe('the keys directory', () => {
  test('is what the environment says, as an absolute path', () => {
    expect(keysDirectory({ RESNET20_FHE_KEYS: 'somewhere' })).toBe(join(process.cwd(), 'somewhere'));
  });

  test('in a checkout is keys/', () => {
    expect(keysDirectory({ XDG_DATA_HOME: '/data' })).toBe(fileURLToPath(new URL('../../keys', import.meta.url)));
  });
});

describe('the key set to use', () => {
  test('none: the command that makes the default one', async () => {
    expect(await describeError(() => find())).toBe(
      `ERR_KEY_MISSING ${directory}: no keys yet; run resnet20-fhe generate-keys params_fast`,
    );
  });

  test('the default profile, unless another is current', async () => {
    await mkdir(join(directory, 'params_fast'));
    await mkdir(join(directory, 'params_secure'));
    expect(await find()).toBe(join(directory, 'params_fast'));
    await setCurrent(directory, join(directory, 'params_secure'));
    expect(await find()).toBe(join(directory, 'params_secure'));
  });

  test('a current set that is gone is an error: no other is taken in its place', async () => {
    await mkdir(join(directory, 'params_fast'));
    const stick = join(directory, 'a stick');
    await mkdir(stick);
    await setCurrent(directory, stick);
    await rm(stick, { recursive: true });
    expect(await describeError(() => find())).toMatch(
      /^ERR_KEY_MISSING .*\/a stick: the current key set is gone; bring its folder back .* resnet20-fhe load-keys or generate-keys$/,
    );
    expect(await find('params_fast')).toBe(join(directory, 'params_fast'));
  });

  test('the current one may lie outside, and moves with the directory when inside', async () => {
    const outside = await temporaryFolder();
    await setCurrent(directory, outside);
    expect(await find()).toBe(outside);

    await mkdir(join(directory, 'inside'));
    await setCurrent(directory, join(directory, 'inside'));
    const moved = join(outside, 'moved');
    await rename(directory, moved);
    expect(await readCurrent(moved)).toBe(join(moved, 'inside'));
    await mkdir(directory);
  });

  test('a named one: a profile, or a folder', async () => {
    await mkdir(join(directory, 'params_secure'));
    expect(await find('params_secure')).toBe(join(directory, 'params_secure'));
    expect(await find(join(directory, 'params_secure'))).toBe(join(directory, 'params_secure'));
    expect(await describeError(() => find('params_exp1'))).toBe(
      `ERR_KEY_MISSING ${join(directory, 'params_exp1')}: no such key set; run resnet20-fhe generate-keys params_exp1`,
    );
    expect(await describeError(() => find('/nowhere/set'))).toBe(
      'ERR_KEY_MISSING /nowhere/set: no such folder; run resnet20-fhe generate-keys --out /nowhere/set',
    );
    expect(await describeError(() => find("/no where/o'set"))).toBe(
      "ERR_KEY_MISSING /no where/o'set: no such folder; run resnet20-fhe generate-keys --out '/no where/o'\\''set'",
    );
  });

  test('`.` and `..` are folders, not names', async () => {
    expect(await find('.')).toBe(process.cwd());
    expect(await find('..')).toBe(dirname(process.cwd()));
  });

  test('a name that is neither a profile nor a set: the profiles that there are', async () => {
    expect(await describeError(() => find('params_fats'))).toBe(
      `ERR_PROFILE no profile params_fats, and no key set of this name in ${directory}; ` +
        'there are params_fast, params_secure, params_exp1',
    );
    await mkdir(join(directory, 'mine'));
    expect(await find('mine')).toBe(join(directory, 'mine'));
  });

  test('a file is not the folder of a key set', async () => {
    const file = join(directory, 'secret.key');
    await writeFile(file, '');
    expect(await describeError(() => find(file))).toBe(
      `ERR_KEY_MISSING ${file}: expected the folder of a key set, found a file`,
    );
  });

  test('one that was being replaced when the program was killed is put back', async () => {
    await mkdir(join(directory, `.params_fast.${thisProcess().space}-4194305-0-0123456789ab.replaced`));
    expect(await find()).toBe(join(directory, 'params_fast'));
  });

  test('an empty note of the current set counts as none', async () => {
    await writeFile(join(directory, 'current'), '\n');
    expect(await readCurrent(directory)).toBeUndefined();
  });
});
