import { expect, test } from 'vitest';
import { describeProfiles } from '../../src/operations/params.js';
import { describeError } from '../support/errors.js';

test('the default profile comes first, at 128 bits', async () => {
  const [first] = await describeProfiles({ profile: 'params_fast' });
  expect(first?.profile).toBe('params_fast');
  expect(first?.security.bits).toBe(128);
  expect(first?.model?.maximumImages).toBe(4);
});

test('an unknown profile is refused with the names of those that there are', async () => {
  expect(await describeError(() => describeProfiles({ profile: 'params_fats' }))).toMatch(
    /^ERR_PROFILE .*params_fats.*params_fast/,
  );
});
