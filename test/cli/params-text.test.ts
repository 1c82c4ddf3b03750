import { expect, test } from 'vitest';
import { renderProfiles } from '../../src/cli/params-text.js';
import type { ProfileDescription } from '../../src/operations/params.js';
import { describeProfiles } from '../../src/operations/params.js';

function predictedFor(profile: ProfileDescription, machine: string): ProfileDescription {
  return { ...profile, model: { ...profile.model!, predictedFor: machine } };
}

test('below the profiles stands, once for each engine, what the times are for', async () => {
  const [fast, secure, ...rest] = await describeProfiles();
  const lines = renderProfiles([
    predictedFor(fast!, 'this machine, avx2 kernels, 2 threads'),
    predictedFor(secure!, 'another one'),
    { ...rest[0]!, model: null },
  ]).split('\n');
  expect(lines.at(-1)).toBe('predicted times: ckks on this machine, avx2 kernels, 2 threads; openfhe on another one');
  expect(renderProfiles([{ ...fast!, model: null }])).not.toContain('predicted times');
});
