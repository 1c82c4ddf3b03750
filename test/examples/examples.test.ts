import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { addonPath } from '../../src/engine/addon-path.js';

const run = promisify(execFile);
const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

test('classify.mjs prints class and scores of a picture', async () => {
  const picture = path('inputs/truck.png');
  const { stdout } = await run(process.execPath, [path('examples/classify.mjs'), picture, 'simulator']);
  const [heading, ...scores] = stdout.trimEnd().split('\n');
  expect(heading).toBe(`${picture}: truck (not encrypted)`);
  expect(scores).toHaveLength(10);
  expect(scores[9]).toMatch(/^ {2}truck: \d+\.\d{3}$/);
});

test('classify.mjs prints the code of a failure', async () => {
  const failure = run(process.execPath, [path('examples/classify.mjs'), path('package.json'), 'simulator']);
  await expect(failure).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^ERR_IMAGE_DECODE: /) });
});

test.skipIf(!existsSync(addonPath('ckks')))(
  'client-server.mjs classifies encrypted, without a secret on the server',
  async () => {
    const { stdout } = await run(process.execPath, [
      path('examples/client-server.mjs'),
      'params_fast',
      path('inputs/ship.png'),
    ]);
    const [, request, answer] = /request: (\d+) bytes\nanswer: (\d+) bytes\nclass: ship\n$/.exec(stdout) ?? [];
    expect(Number(request)).toBeLessThanOrEqual(9e6);
    expect(Number(answer)).toBeLessThanOrEqual(100e3);
  },
  180_000,
);
