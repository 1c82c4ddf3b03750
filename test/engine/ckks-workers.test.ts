import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { addonPath } from '../../src/engine/addon-path.js';
import { nativeParameters } from '../../src/engine/ckks/parameters.js';
import { listedFiles } from '../../src/store/listed-file.js';
import { encryptSmall, smallCircuits, smallNetwork, smallParameters, writeSmallKeys } from '../support/ckks-key-set.js';
import { temporaryFolder } from '../support/folders.js';
import { sideOf } from '../support/key-sides.js';
import { randomImage } from '../support/random-network.js';

// Without ThreadSanitizer: its runtime must be the first library of a process, and Node, which is not compiled with it,
// would give reports of its own. The same callers in C++ run under it: native/test/eval/sessions_test.cpp.
test('two worker_threads with different numbers of threads compute the same at the same time', async () => {
  const folder = await temporaryFolder();
  await writeSmallKeys(folder);
  const [payload] = await encryptSmall(folder, [randomImage(smallNetwork, 1)]);
  const { plan } = smallCircuits.model;
  const work = {
    addon: addonPath('ckks'),
    parameters: nativeParameters(smallParameters),
    files: listedFiles(await sideOf(folder, 'evaluation')),
    payload,
    rotation: plan.stages[0]!.keys.rotations[0],
    rounds: 50,
  };
  const rotate = async (threads: number): Promise<Uint8Array> => {
    const worker = new Worker(new URL('./rotating-worker.mjs', import.meta.url), { workerData: { ...work, threads } });
    const [answer] = (await once(worker, 'message')) as [Uint8Array];
    await worker.terminate();
    return answer;
  };
  const alone = await rotate(1);
  for (const answer of await Promise.all([rotate(1), rotate(6)])) {
    expect(Buffer.from(answer).equals(alone)).toBe(true);
  }
});
