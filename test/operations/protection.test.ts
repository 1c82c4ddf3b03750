import { expect, test } from 'vitest';
import { findProfile } from '../../src/catalogue/profiles.js';
import { estimateSecurity, reportProtection } from '../../src/operations/protection.js';
import type { OperationEvent } from '../../src/sessions/events.js';

function reported(profile: string, encrypted: boolean): string[] {
  const events: OperationEvent[] = [];
  reportProtection({ onEvent: (event) => events.push(event) }, findProfile(profile), encrypted);
  return events.map((event) => event.text);
}

test('an encrypted run names its profile and its bits', () => {
  expect(reported('params_fast', true)).toEqual([
    'encrypted, params_fast, about 128 bits classical, about 85 post-quantum',
  ]);
});

test('a run below 128 bits says so in one more line', () => {
  const { bits, quantumBits } = estimateSecurity(findProfile('params_exp1').parameters);
  expect(bits).toBeLessThan(128);
  expect(reported('params_exp1', true)).toEqual([
    `encrypted, params_exp1, about ${bits} bits classical, about ${quantumBits} post-quantum`,
    `${bits} bits classical are below the usual 128: use params_exp1 for experiments only`,
  ]);
});

test('a run that encrypts nothing claims nothing', () => {
  expect(reported('params_fast', false)).toEqual(['not encrypted']);
});
