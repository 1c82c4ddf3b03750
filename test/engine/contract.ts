import { afterAll, beforeAll, describe } from 'vitest';
import { describeKeysAndErrors } from './contract/keys-and-errors.js';
import { describeOperations } from './contract/operations.js';
import { ContractSetting, type ContractSubject } from './contract/setting.js';

/**
 * What every engine must do, whatever its library. `open` may be called several times; `tolerance` is the largest error
 * of a slot after one operation on values in [-1, 1].
 */
export function describeEngineContract(name: string, open: () => Promise<ContractSubject>, tolerance: number): void {
  describe(`engine contract: ${name}`, () => {
    const setting = new ContractSetting(open, tolerance);
    beforeAll(() => setting.prepare());
    afterAll(() => setting.dispose());
    describeKeysAndErrors(setting);
    describeOperations(setting);
  });
}
