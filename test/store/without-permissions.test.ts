import type { PathLike, Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createKeySet } from '../../src/store/create-key-set.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';
import { identity } from '../support/stand-in-keys.js';

// As on exFAT, on network drives, and on the Windows disks of WSL: everything has every permission, whatever was asked for.
vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof import('node:fs/promises')>();
  const stat = async (path: PathLike): Promise<Stats> => {
    const found = await actual.stat(path);
    found.mode |= 0o777;
    return found;
  };
  return { ...actual, stat };
});

test('a file system without permissions is refused before there is a secret', async () => {
  const folder = join(await temporaryFolder(), 'params_fast');
  const generate = () => Promise.reject(new Error('must not be called'));
  expect(await describeError(() => createKeySet({ folder, identity, generate }))).toBe(
    `ERR_FILE ${join(folder, '..')}: this file system keeps no permissions, so that others could read the secret key; ` +
      'name a folder on another one with --out, or set RESNET20_FHE_KEYS to one',
  );
  expect(await readdir(join(folder, '..'))).toEqual([]);
});
