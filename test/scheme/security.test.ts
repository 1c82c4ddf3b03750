import { expect, test, vi } from 'vitest';
import { findProfile, profileNames, testProfilesVariable } from '../../src/catalogue/profiles.js';
import { nativeParameters } from '../../src/engine/ckks/parameters.js';
import { modulusCap, securityBits } from '../../src/scheme/security.js';
import { keyModulusBits } from '../../src/scheme/sizes.js';
import { ckksParameters, openFheParameters } from '../support/parameters.js';

test.each(['params_fast', 'params_secure'])('%s has 128 classical and 85 post-quantum bits', (name) => {
  expect(securityBits(findProfile(name).parameters)).toEqual({ classical: 128, quantum: 85 });
});

test('the caps are those of the guidelines', () => {
  const caps = Array.from({ length: 8 }, (_, index) => modulusCap(2 ** (10 + index), 'uniform-ternary'));
  expect(caps).toEqual([26, 53, 106, 214, 430, 868, 1747, 3523]);
  expect(() => modulusCap(2 ** 9, 'uniform-ternary')).toThrow(expect.objectContaining({ code: 'ERR_PROFILE' }));
});

test('every key of params_fast stays under the cap of its own ring', () => {
  const parameters = ckksParameters('params_fast');
  const { secret, result, moduliBits } = parameters;
  for (const level of moduliBits.keys()) {
    expect(keyModulusBits(parameters, level)).toBeLessThanOrEqual(modulusCap(parameters.ringDimension, secret));
  }
  expect(moduliBits[0]! + result.specialPrimeBits).toBeLessThanOrEqual(modulusCap(result.ringDimension, secret));
});

test('bits fall where the modulus exceeds its cap, and with a sparse secret', () => {
  const parameters = openFheParameters('params_secure');
  const bitsAt = (logQP: number) => securityBits({ ...parameters, logQP });
  expect(bitsAt(1747).classical).toBe(128);
  expect(bitsAt(1748).classical).toBe(127);
  expect(bitsAt(1288).quantum).toBe(128);
  expect(bitsAt(1289).quantum).toBe(127);
  const moduli = [1500, 1700, 1900, 2100, 2300, 2500, 2700];
  const bits = moduli.map(bitsAt);
  for (const side of ['classical', 'quantum'] as const) {
    expect(bits.map((of) => of[side])).toEqual(bits.map((of) => of[side]).toSorted((left, right) => right - left));
  }
  expect(securityBits({ ...parameters, secret: 'hamming-192' }).classical).toBeLessThan(128);
  expect(bitsAt(2 ** 13)).toEqual({ classical: 0, quantum: 0 });
});

test('the weakest key counts', () => {
  const result = { ringDimension: 2 ** 12, specialPrimeBits: 90 };
  expect(securityBits({ ...ckksParameters('params_fast'), result }).classical).toBeLessThan(120);
});

test('the published experiments say that they have fewer than 128 bits', () => {
  for (const name of profileNames.filter((candidate) => candidate.startsWith('params_exp'))) {
    expect(securityBits(findProfile(name).parameters).classical).toBeLessThan(128);
  }
});

test('profiles for tests are far below 128 bits and not offered', () => {
  expect(securityBits(findProfile('params_test').parameters)).toEqual({ classical: 0, quantum: 0 });
  expect(profileNames).not.toContain('params_test');
});

test('profiles for tests are found only where the environment asks for them', () => {
  for (const name of ['params_test', 'params_test_openfhe', 'params_test_bootstrap']) {
    vi.stubEnv(testProfilesVariable, undefined);
    expect(() => findProfile(name)).toThrow(expect.objectContaining({ code: 'ERR_PROFILE' }));
    expect(() => findProfile(name)).toThrow(/protects nothing and is for tests; .*set RESNET20_FHE_TEST_PROFILES=1$/);
    vi.stubEnv(testProfilesVariable, '1');
    expect(findProfile(name).parameters.security).toBe('unchecked');
  }
  vi.unstubAllEnvs();
});

test('every set that is offered for the ckks engine has its security checked', () => {
  const sets = profileNames.map((name) => findProfile(name).parameters).filter(({ engine }) => engine === 'ckks');
  expect(sets.map(({ security }) => security)).toEqual(sets.map(() => 'checked'));
  expect(sets.length).toBeGreaterThan(0);
});

test('a field of the parameters turns the check off, not a name', () => {
  expect(nativeParameters(ckksParameters('params_fast')).security).toBe('checked');
  expect(nativeParameters(ckksParameters('params_test')).security).toBe('unchecked');
});

test('an unknown profile is refused with the names that there are', () => {
  expect(() => findProfile('params_slow')).toThrow(expect.objectContaining({ code: 'ERR_PROFILE' }));
  expect(() => findProfile('params_slow')).toThrow(/params_slow.*params_fast/);
});
