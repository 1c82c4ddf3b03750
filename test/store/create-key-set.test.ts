import { chmod, cp, mkdir, readdir, readlink, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createKeySet } from '../../src/store/create-key-set.js';
import { hasSecretKeys, type KeyFolder, openEvaluationKeys, openKeySet } from '../../src/store/key-set.js';
import { listedFiles, readListedFile } from '../../src/store/listed-file.js';
import { thisProcess } from '../../src/store/owner.js';
import { describeError } from '../support/errors.js';
import { temporaryFolder } from '../support/folders.js';
import { generate, identity } from '../support/stand-in-keys.js';

let folder: string;
beforeEach(async () => {
  folder = join(await temporaryFolder(), 'keys', 'params_fast');
});

const create = (options: { force?: boolean } = {}) => createKeySet({ folder, identity, generate, ...options });

/** Reading compares with the manifest. */
async function readAll(keys: KeyFolder): Promise<void> {
  for (const { path, bytes } of listedFiles(keys)) {
    expect(await readListedFile(keys, basename(path))).toHaveLength(bytes);
  }
}

describe('a new key set', () => {
  test('is opened with all that its manifests say, and verifies', async () => {
    const set = await create();
    expect(set.evaluation.bytes).toBe(3_000_007);
    expect(set.secret.manifest).toMatchObject({ ...identity, format: 1, side: 'secret' });
    expect(set.secret.manifest.keySetId).toMatch(/^[0-9a-f]{32}$/);
    expect(set.evaluation.manifest.files).toEqual([
      {
        path: 'rotation-1.key',
        kind: 'rotation',
        bytes: 3_000_000,
        // sha256sum of three million bytes of value 1
        sha256: '1a0c2184ebeaeb1ac7949d10699e728e9218d9cf340ca99cd9412413cd07e599',
        rotations: [1, -1],
        stages: ['stem'],
      },
      {
        path: 'rotation-16.key',
        kind: 'rotation',
        bytes: 7,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        rotations: [16],
      },
    ]);
    await readAll(set.secret);
    expect(set.public?.manifest).toMatchObject({
      side: 'public',
      keySetId: set.secret.manifest.keySetId,
      files: [{ path: 'public.key', kind: 'public', bytes: 14 }],
    });
    await readAll(set.public!);
    await readAll(set.evaluation);
  });

  test('keeps the secret to its owner, whatever the umask', async () => {
    const umask = process.umask(0);
    try {
      await create();
    } finally {
      process.umask(umask);
    }
    const mode = async (path: string) => ((await stat(join(folder, path))).mode & 0o777).toString(8);
    expect(await mode('secret')).toBe('700');
    expect(await mode('secret/secret.key')).toBe('600');
    expect(await mode('secret/manifest.json')).toBe('600');
  });

  test('has another identity each time', async () => {
    const first = await create();
    const second = await create({ force: true });
    expect(second.secret.manifest.keySetId).not.toBe(first.secret.manifest.keySetId);
  });

  test('does not replace another without force', async () => {
    await create();
    expect(await describeError(() => create())).toBe(
      `ERR_FILE ${folder}: there is a key set already; --force replaces it`,
    );
  });

  test('does not replace a folder of something else, not even with force', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'thesis.tex'), '');
    expect(await describeError(() => create({ force: true }))).toMatch(
      /^ERR_FILE .* holds something other than a key set/,
    );
    expect(await readdir(folder)).toEqual(['thesis.tex']);
  });

  test('leaves nothing when generation fails, and keeps the old set', async () => {
    const old = await create();
    const fail = (force: boolean) =>
      createKeySet({
        folder,
        identity,
        force,
        generate: async (into) => {
          await generate(into);
          throw new Error('interrupted');
        },
      });
    await expect(fail(true)).rejects.toThrow('interrupted');
    expect(await readdir(dirname(folder))).toEqual(['params_fast']);
    expect((await openKeySet(folder)).secret.manifest.keySetId).toBe(old.secret.manifest.keySetId);
  });

  test('is cancelled while it is hashed', async () => {
    const controller = new AbortController();
    const cancelled = createKeySet({
      folder,
      identity,
      generate,
      signal: controller.signal,
      progress: () => controller.abort(),
    });
    expect(await describeError(() => cancelled)).toMatch(/^ERR_CANCELLED/);
    expect(await readdir(dirname(folder))).toEqual([]);
  });

  test('refuses a disk without room before anything is generated', async () => {
    const never = () => Promise.reject(new Error('must not be called'));
    const full = () => createKeySet({ folder, identity, expectedBytes: 2 ** 62, generate: never });
    expect(await describeError(full)).toMatch(/^ERR_DISK_FULL .*keys: the keys need \S+ TB, found \S+ \S+ free$/);
  });

  test('says how much a full disk needed', async () => {
    const full = () =>
      createKeySet({
        folder,
        identity,
        expectedBytes: 1_250_000,
        generate: async () => {
          throw Object.assign(new Error('ENOSPC: no space left on device, write'), {
            code: 'ENOSPC',
            syscall: 'write',
          });
        },
      });
    expect(await describeError(full)).toBe(
      `ERR_DISK_FULL ${folder}: the disk is full, 1.3 MB are needed; nothing was kept`,
    );
    expect(await readdir(dirname(folder))).toEqual([]);
  });

  test.each([
    ['outside the set', '../escape.key'],
    ['in a folder of its own', 'evaluation/deep/x.key'],
    ['without a side', 'x.key'],
  ])('refuses a file that generation put %s', async (_, path) => {
    const misplaced = createKeySet({
      folder,
      identity,
      generate: async (into) => {
        await mkdir(dirname(join(into, path)), { recursive: true });
        await writeFile(join(into, path), '');
        return [{ path, kind: 'rotation' }];
      },
    });
    await expect(misplaced).rejects.toThrow(`key generation listed ${path}`);
  });

  test('never lists a secret key among the evaluation keys', async () => {
    const leaked = createKeySet({
      folder,
      identity,
      generate: async (into) => {
        await writeFile(join(into, 'evaluation', 's.key'), '');
        return [{ path: 'evaluation/s.key', kind: 'secret' }];
      },
    });
    await expect(leaked).rejects.toThrow('key generation put a secret key in evaluation/s.key');
  });
});

describe('where a set is put', () => {
  test('a link stays, and what is behind it is replaced', async () => {
    const disk = join(await temporaryFolder(), 'set');
    const old = await createKeySet({ folder: disk, identity, generate });
    await mkdir(dirname(folder));
    await symlink(disk, folder);
    expect(await describeError(() => create())).toMatch(/there is a key set already/);
    const made = await create({ force: true });
    expect(made.folder).toBe(folder);
    expect(await readlink(folder)).toBe(disk);
    expect(made.secret.manifest.keySetId).not.toBe(old.secret.manifest.keySetId);
    expect((await openKeySet(disk)).secret.manifest.keySetId).toBe(made.secret.manifest.keySetId);
    expect(await readdir(dirname(disk))).toEqual(['set']);
  });

  test('a link that leads nowhere is refused', async () => {
    await mkdir(dirname(folder));
    await symlink('/nowhere/set', folder);
    expect(await describeError(() => create())).toBe(
      `ERR_FILE ${folder}: a symbolic link to /nowhere/set, which is not there; remove the link`,
    );
  });

  test('a name as long as the file system takes', async () => {
    folder = join(dirname(folder), 'ä'.repeat(127));
    await create();
    await create({ force: true });
    expect(await readdir(dirname(folder))).toEqual(['ä'.repeat(127)]);
  });

  test('the other sides are for those whom the umask lets in, also where an engine kept its files private', async () => {
    const umask = process.umask(0o022);
    try {
      await createKeySet({
        folder,
        identity,
        generate: async (into) => {
          const files = await generate(into);
          for (const { path } of files) {
            await chmod(join(into, path), 0o600);
          }
          return files;
        },
      });
    } finally {
      process.umask(umask);
    }
    const mode = async (path: string) => ((await stat(join(folder, path))).mode & 0o777).toString(8);
    expect(await mode('public/public.key')).toBe('644');
    expect(await mode('evaluation/rotation-16.key')).toBe('644');
    expect(await mode('secret/secret.key')).toBe('600');
  });
});

test('keys that another user may not read are named, with what to do', async (context) => {
  context.skip(process.getuid?.() === 0, 'root may read everything');
  await create();
  const path = join(folder, 'evaluation', 'rotation-16.key');
  await chmod(path, 0);
  const verify = async () => readAll(await openEvaluationKeys(folder));
  expect(await describeError(verify)).toBe(
    `ERR_FILE ${path}: can't be read (EACCES); ask its owner for the permission, or for a copy`,
  );
  await chmod(join(folder, 'evaluation'), 0);
  expect(await describeError(verify)).toMatch(/^ERR_FILE .*evaluation\/manifest.json: can't be read \(EACCES\); ask/);
  await chmod(join(folder, 'evaluation'), 0o700);
  await chmod(join(folder, 'secret'), 0);
  expect(await hasSecretKeys(folder)).toBe(false);
  await chmod(join(folder, 'secret'), 0o700);
});

describe('two runs at once', () => {
  test('one makes the set, the other is refused', async () => {
    const runs = await Promise.allSettled([create(), create()]);
    const made = runs.filter((run) => run.status === 'fulfilled');
    expect(made).toHaveLength(1);
    const [refused] = runs.filter((run) => run.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'ERR_FILE' });
    expect(refused?.reason.message).toMatch(/another run is making this key set|there is a key set already/);
    expect((await openKeySet(folder)).secret.manifest.keySetId).toBe(made[0]?.value.secret.manifest.keySetId);
    expect(await readdir(dirname(folder))).toEqual(['params_fast']);
  });

  test('the second is refused as long as the first is at work, also with force', async () => {
    let second: Promise<string> | undefined;
    await createKeySet({
      folder,
      identity,
      generate: async (into) => {
        second = describeError(() => create({ force: true }));
        expect(await second).toMatch(
          /^ERR_FILE .*params_fast: another run is making this key set, in .*\.partial; wait/,
        );
        return generate(into);
      },
    });
    expect(second).toBeDefined();
    expect(await readdir(dirname(folder))).toEqual(['params_fast']);
  });
});

describe('leftovers of a process that was killed', () => {
  const { space, processId, began } = thisProcess();
  const beside = (owner: string, kind: string) => join(dirname(folder), `.params_fast.${owner}-0123456789ab.${kind}`);
  // No process has this id: it is above the largest that Linux gives.
  const name = (kind: string) => beside(`${space}-4194305-0`, kind);

  test('a half-made set is removed at the next start', async () => {
    await mkdir(join(name('partial'), 'secret'), { recursive: true });
    await writeFile(join(name('partial'), 'secret', 'secret.key'), 'half');
    await create();
    expect(await readdir(dirname(folder))).toEqual(['params_fast']);
  });

  test('an old set that was moved aside comes back when the new one never arrived', async () => {
    const old = await create();
    await rename(folder, name('replaced'));
    expect(await describeError(() => create())).toMatch(/there is a key set already/);
    expect((await openKeySet(folder)).secret.manifest.keySetId).toBe(old.secret.manifest.keySetId);
  });

  test('an old set that was replaced is removed', async () => {
    await create();
    await cp(folder, name('replaced'), { recursive: true });
    await create({ force: true });
    expect(await readdir(dirname(folder))).toEqual(['params_fast']);
  });

  test('of a process whose id another one has now', async (context) => {
    context.skip(process.platform !== 'linux', 'only Linux tells when a process began');
    await mkdir(beside(`${space}-${processId}-${began}0`, 'partial'), { recursive: true });
    await create();
    expect(await readdir(dirname(folder))).toEqual(['params_fast']);
  });

  test('what a running process writes is left alone, and keeps others from the same set', async () => {
    const running = beside(`${space}-${processId}-${began}`, 'partial');
    await mkdir(running, { recursive: true });
    expect(await describeError(() => create())).toMatch(/another run is making this key set/);
    expect(await readdir(dirname(folder))).toHaveLength(1);
  });

  test('of another container or machine: in use while it was touched lately, whatever process ids say', async () => {
    for (const owner of [`${'0'.repeat(12)}-${processId}-${began}`, `${'0'.repeat(12)}-4194305-0`, 'unknown']) {
      const elsewhere = beside(owner, 'partial');
      await mkdir(elsewhere, { recursive: true });
      expect(await describeError(() => create()), owner).toMatch(/another run is making this key set/);
      const longAgo = new Date(Date.now() - 3_600_000);
      await utimes(elsewhere, longAgo, longAgo);
      await create();
      expect(await readdir(dirname(folder)), owner).toEqual(['params_fast']);
      await rm(folder, { recursive: true });
    }
  }, 120_000);
});
