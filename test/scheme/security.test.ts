import { expect, test } from 'vitest';
import { findProfile, profileNames } from '../../src/catalogue/profiles.js';
import { modulusCap, securityBits } from '../../src/scheme/security.js';
import { keyModulusBits } from '../../src/scheme/sizes.js';

test.each(['params_fast', 'params_secure'])('%s has 128 bits', (name) => {
  expect(securityBits(findProfile(name))).toBe(128);
});

test('every key of params_fast stays under the cap of its own ring', () => {
  const { ckks, secret } = findProfile('params_fast');
  for (let level = 0; level <= ckks!.levels; level++) {
    expect(keyModulusBits(ckks!, level)).toBeLessThanOrEqual(modulusCap(ckks!.ringDimension, secret));
  }
  const { ringDimension, specialPrimeBits } = ckks!.result;
  expect(ckks!.firstPrimeBits + specialPrimeBits).toBeLessThanOrEqual(modulusCap(ringDimension, secret));
});

test('a modulus above the cap costs bits in proportion', () => {
  const profile = findProfile('params_secure');
  expect(securityBits({ ...profile, logQP: 1747 })).toBe(128);
  expect(securityBits({ ...profile, logQP: 1748 })).toBe(127);
  expect(securityBits({ ...profile, logQP: 2 * 1747 })).toBe(64);
  expect(securityBits({ ...profile, secret: 'hamming-192', logQP: 1747 })).toBe(113);
});

test('the published experiments say that they have fewer than 128 bits', () => {
  for (const name of profileNames.filter((candidate) => candidate.startsWith('params_exp'))) {
    expect(securityBits(findProfile(name))).toBeLessThan(128);
  }
});

test('profiles for tests are far below 128 bits and not offered', () => {
  expect(securityBits(findProfile('params_test'))).toBeLessThan(20);
  expect(profileNames).not.toContain('params_test');
});

test('an unknown profile is refused with the names that there are', () => {
  expect(() => findProfile('params_slow')).toThrow(expect.objectContaining({ code: 'ERR_PROFILE' }));
  expect(() => findProfile('params_slow')).toThrow(/params_slow.*params_fast/);
});
