import { expect, test } from 'vitest';
import { packImages } from '../../src/circuit/port.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { maximumImages } from '../../src/sessions/deployment.js';
import { EvaluationSession, evaluatePayloads } from '../../src/sessions/evaluation.js';
import { smallCircuits, smallNetwork, smallParameters } from '../support/ckks-key-set.js';
import { describeError } from '../support/errors.js';
import { randomImage } from '../support/random-network.js';

test('an input of another level or scale than the circuit takes is refused', async () => {
  const { client, evaluator } = openSimulator(smallParameters).openWithoutKeys();
  using session = new EvaluationSession(smallCircuits, evaluator);
  const circuit = smallCircuits.circuitFor(1);
  const [values] = packImages(circuit, [randomImage(smallNetwork, 1)]);
  const { level, scale, registers } = circuit.input;
  const [register] = registers;
  const evaluate = async (atLevel: number, atScale: number): Promise<string> => {
    const right = await client.encrypt(values!, level, scale);
    const wrong = await client.encrypt(values!, atLevel, atScale);
    return describeError(() => evaluatePayloads(session, [right, wrong], 5, {}));
  };
  expect(maximumImages(smallCircuits.model)).toBe(4);
  const scaleBits = Math.log2(scale).toFixed(1);
  expect(await evaluate(level, 2 ** 110)).toBe(
    `ERR_CIPHERTEXT ciphertext ${register}: the circuit takes level ${level} and scale 2^${scaleBits}, ` +
      `found level ${level} and scale 2^110.0; encrypt the pictures again`,
  );
  for (const [atLevel, atScale] of [
    [level, scale * 2],
    [level, scale / 2],
    [level, 1],
    [level - 1, scale],
    [level + 1, scale],
  ] as const) {
    expect(await evaluate(atLevel, atScale)).toContain(
      `ERR_CIPHERTEXT ciphertext ${register}: the circuit takes level`,
    );
  }
  const small = await client.encrypt(values!, level, scale * 1.001);
  await expect(evaluatePayloads(session, [small], 1, {})).resolves.toMatchObject({
    groups: [[expect.any(Uint8Array)]],
  });
});
