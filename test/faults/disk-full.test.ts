import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folders.js';
import { runScript, shellWithOwnMounts } from './limited-program.js';

const ownMounts = shellWithOwnMounts();

describe('no room for keys', { timeout: 120_000 }, () => {
  test('a limit on the size of files ends key generation with an error, and nothing stays', async () => {
    const folder = await temporaryFolder();
    const commandLine = ['generate-keys', 'params_fast', '--out', join(folder, 'keys')];
    // Blocks of 1024 bytes: the secret fits, a rotation key does not.
    const { status, stderr, stdout } = await runScript('ulimit -f 2000 && exec "$@"', commandLine, {
      RESNET20_FHE_KEYS: folder,
    });
    expect(status, stderr).toBe(1);
    expect(stderr).toMatch(/error: .*\.key: cannot write: File too large/);
    expect(stdout).toBe('');
    expect(await readdir(folder)).toEqual([]);
  });

  test('too small a disk is refused before anything is written', async (context) => {
    context.skip(ownMounts === undefined, 'no mounts without root on this system');
    const folder = await temporaryFolder();
    const disk = join(folder, 'disk');
    await mkdir(disk);
    const { status, stderr } = await runScript(
      `mount -t tmpfs -o size=100m tmpfs "${disk}" && exec "$@"`,
      ['generate-keys', 'params_fast', '--out', join(disk, 'keys')],
      { RESNET20_FHE_KEYS: folder },
      ownMounts,
    );
    expect(status, stderr).toBe(1);
    expect(stderr).toMatch(/error: .*disk: the keys need \d+\.\d MB, found 1\d\d\.\d MB free/);
  });

  test('a disk that another program fills while keys are written', async (context) => {
    context.skip(ownMounts === undefined, 'no mounts without root on this system');
    const folder = await temporaryFolder();
    const disk = join(folder, 'disk');
    await mkdir(disk);
    // 600 MB are free at the start, and 590 of them taken once the program writes. What stays is listed at the end.
    const script = `
      mount -t tmpfs -o size=600m tmpfs "${disk}"
      "$@" & program=$!
      until ls -A "${disk}" | grep -q partial; do sleep 0.05; done
      head -c 590m /dev/zero > "${disk}/other"
      wait $program; status=$?
      ls -A "${disk}"
      exit $status`;
    const { status, stderr, stdout } = await runScript(
      script,
      ['generate-keys', 'params_fast', '--out', join(disk, 'keys')],
      { RESNET20_FHE_KEYS: folder },
      ownMounts,
    );
    expect(status, stderr).toBe(1);
    expect(stderr).toMatch(/error: .*No space left on device|error: .*the disk is full/);
    expect(stdout.split('\n').filter(Boolean)).toEqual(['other']);
  });
});

test('a disk that is full when the trace is written: the result is there, and the exit code is 1', {
  timeout: 120_000,
}, async (context) => {
  context.skip(ownMounts === undefined, 'no mounts without root on this system');
  const folder = await temporaryFolder();
  const disk = join(folder, 'disk');
  await mkdir(disk);
  // Room for an empty file, and none for a trace once the rest is taken.
  const script = `
    mount -t tmpfs -o size=64k tmpfs "${disk}"
    head -c 60k /dev/zero > "${disk}/other"
    exec "$@"`;
  const commandLine = ['infer', '--engine', 'simulator', '--quiet', '--json', '--trace', join(disk, 'trace.json')];
  const { status, stdout, stderr } = await runScript(script, commandLine, {}, ownMounts);
  expect(status, stderr).toBe(1);
  expect(JSON.parse(stdout).images[0].class).toBe('horse');
  expect(JSON.parse(stderr)).toMatchObject({ event: 'warning', code: 'ERR_DISK_FULL' });
});
