import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addonPath } from '../../src/engine/addon-path.js';
import { temporaryFolder } from '../support/folders.js';
import { writeResNet8, writeSmallPicture } from '../support/resnet8-weights.js';
import { path, runExample } from './run-example.js';

test('classify.mjs prints class and scores of a picture', async () => {
  const picture = path('inputs/truck.png');
  const { stdout } = await runExample('classify.mjs', picture, 'simulator');
  const [heading, ...scores] = stdout.trimEnd().split('\n');
  expect(heading).toBe(`${picture}: truck (not encrypted)`);
  expect(scores).toHaveLength(10);
  expect(scores[9]).toMatch(/^ {2}truck: \d+\.\d{3}$/);
});

test('classify.mjs prints the code of a failure', async () => {
  const failure = runExample('classify.mjs', path('package.json'), 'simulator');
  await expect(failure).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^ERR_IMAGE_DECODE: /) });
});

test.skipIf(!existsSync(addonPath('ckks')))(
  'client-server.mjs classifies encrypted, without a secret on the server',
  async () => {
    const folder = await temporaryFolder();
    const picture = await writeSmallPicture(folder, 'picture', 1);
    const { stdout } = await runExample('client-server.mjs', 'params_test', picture, await writeResNet8(folder));
    expect(stdout).toMatch(/^request: \d+ bytes\nanswer: \d+ bytes\nclass: class\d\n$/);
  },
  180_000,
);
