import { expect, test } from 'vitest';
import { weightsPath } from '../../src/network/weights/load.js';
import { checkGroups, groupSizes, keySetBytes } from '../../src/sessions/deployment.js';
import { loadModel } from '../../src/sessions/model.js';
import { describeError } from '../support/errors.js';

test.each([
  { images: 1, sizes: [1] },
  { images: 4, sizes: [4] },
  { images: 9, sizes: [4, 4, 1] },
])('$images images with room for 4 are grouped as $sizes', ({ images, sizes }) => {
  expect(groupSizes(images, 4)).toEqual(sizes);
});

test('a file whose images do not fit its ciphertexts is refused before its groups are counted out', async () => {
  const model = await loadModel({ profile: 'params_fast' });
  expect(await describeError(() => checkGroups('request.fhe', 1e12, 1, model, 'input'))).toBe(
    'ERR_CIPHERTEXT request.fhe: 1000000000000 images need 250000000000 ciphertexts, found 1',
  );
  expect(() => checkGroups('request.fhe', 8, 2, model, 'output')).not.toThrow();
});

// Bytes that key sets took at full size: evaluation keys and public key.
test.each([
  ['params_fast', 377_472_000 + 7_078_144],
  ['params_secure', 3_416_658_770 + 26_345_912],
])('%s: the disk space that is checked includes the public key', async (name, measured) => {
  expect(keySetBytes(await loadModel({ profile: name })) / measured).toBeCloseTo(1, 2);
  expect(
    keySetBytes(await loadModel({ profile: name })) - (await loadModel({ profile: name })).plan.keyBytes,
  ).toBeGreaterThan(7e6);
});

test('weights whose activations the profile does not evaluate are named', async () => {
  const [square, relu] = ['square-resnet20', 'relu-resnet20'].map(weightsPath);
  expect(await describeError(() => loadModel({ profile: 'params_exp1', weights: square }))).toBe(
    `ERR_PROFILE ${square}: params_exp1 takes a network with relu activations, found square activations`,
  );
  expect(await describeError(() => loadModel({ profile: 'params_fast', weights: relu }))).toBe(
    `ERR_PROFILE ${relu}: params_fast takes a network with square activations, found relu activations`,
  );
});
