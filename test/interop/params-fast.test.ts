import { expect, test } from 'vitest';
import { CircuitSource, loadModel } from '../../src/sessions/model.js';
import { ckksParameters } from '../support/parameters.js';
import { describeForPython } from './description.js';

// After a change of the plan: npx vitest run --project=unit test/interop/params-fast.test.ts -u
test('params_fast.json describes the answer to one picture under params_fast', async () => {
  const model = await loadModel({ profile: 'params_fast' });
  const description = describeForPython(ckksParameters('params_fast'), new CircuitSource(model).circuitFor(1));
  await expect(`${JSON.stringify(description, undefined, 2)}\n`).toMatchFileSnapshot('params_fast.json');
});
