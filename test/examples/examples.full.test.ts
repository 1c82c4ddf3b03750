import { expect, test } from 'vitest';
import { path, runExample } from './run-example.js';

test('client-server.mjs classifies under params_fast; request and answer are small', async () => {
  const { stdout } = await runExample('client-server.mjs', 'params_fast', path('inputs/ship.png'));
  const [, request, answer] = /request: (\d+) bytes\nanswer: (\d+) bytes\nclass: ship\n$/.exec(stdout) ?? [];
  expect(Number(request)).toBeLessThanOrEqual(9e6);
  expect(Number(answer)).toBeLessThanOrEqual(100e3);
});
