import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folders.js';
import { runScript, shellWithOwnMounts } from './limited-program.js';

const ownMounts = shellWithOwnMounts();
const release = fileURLToPath(new URL('../../build/Release', import.meta.url));

describe.skipIf(ownMounts === undefined)('what is mounted', { timeout: 120_000 }, () => {
  test.each([
    ['a disk', (place: string) => `mount -t tmpfs tmpfs "${place}"`],
    [
      'a folder of the same disk',
      (place: string) => `mkdir "${place}.other" && mount --bind "${place}.other" "${place}"`,
    ],
  ])("at a set's place: %s is found before keys are made", async (_, mount) => {
    const place = join(await temporaryFolder(), 'key sets', 'params_fast');
    await mkdir(place, { recursive: true });
    const environment = { RESNET20_FHE_KEYS: join(place, '..') };
    const { status, stderr } = await runScript(
      `${mount(place)} && exec "$@"`,
      ['generate-keys', '--json'],
      environment,
      ownMounts,
    );
    expect(status, stderr).toBe(1);
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.at(-1)).toEqual({
      event: 'error',
      code: 'ERR_FILE',
      message:
        `${place}: a disk or volume is mounted here, and a set's folder must be renamed into its place; ` +
        `name a folder in it: --out '${place}/keys'`,
    });
    expect(events.filter(({ event }) => event === 'progress')).toEqual([]);
    expect(await readdir(join(place, '..'))).not.toContainEqual(expect.stringMatching(/partial$/));
  });

  test('an engine on a disk without the right to execute is not called unbuilt', async () => {
    const disk = await temporaryFolder();
    const script = `
      mount -t tmpfs -o noexec tmpfs "${disk}" && cp "${release}/ckks.node" "${disk}" &&
      mount --bind "${disk}" "${release}" && exec "$@"`;
    const { status, stderr } = await runScript(
      script,
      ['generate-keys', '--quiet'],
      { RESNET20_FHE_KEYS: disk },
      ownMounts,
    );
    expect(status, stderr).toBe(1);
    expect(stderr).toMatch(
      /^error: the engine ckks can't be loaded: .*ckks\.node.*mounted without the right to execute/,
    );
    const doctor = await runScript(script, ['doctor', '--json'], {}, ownMounts);
    expect(JSON.parse(doctor.stdout).checks).toContainEqual({
      state: 'problem',
      subject: 'engine ckks',
      finding: expect.stringMatching(/noexec/),
    });
  });
});
