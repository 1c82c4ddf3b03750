import { expect, it } from 'vitest';
import { findProfile } from '../../src/catalogue/profiles.js';
import { openOpenFheEngine } from '../../src/engine/openfhe/engine.js';
import { searchPlan } from '../../src/planning/search.js';
import { decryptAnswers, encryptImages } from '../../src/sessions/client.js';
import { maximumImages } from '../../src/sessions/deployment.js';
import { EvaluationSession, evaluatePayloads } from '../../src/sessions/evaluation.js';
import { CircuitSource } from '../../src/sessions/model.js';
import { makeKeySet } from '../support/key-set.js';
import { randomImage, randomNetwork } from '../support/random-network.js';
import { scaledImage } from '../support/scaled-image.js';
import { describeOpenFhe, leveledParameters } from './parameters.js';

describeOpenFhe('openfhe, numbers out of range', () => {
  it('refuses every image of the ciphertext that overflowed and answers the other', async () => {
    const network = randomNetwork({
      channels: [4, 8],
      height: 8,
      width: 8,
      blocksPerStage: 1,
      classes: 10,
      seed: 11,
      activation: 'square',
      padding: 'circular-width',
    });
    const parameters = leveledParameters({ levels: 11, scalingModulusBits: 40, firstModulusBits: 55 });
    const profile = { ...findProfile('params_test_openfhe'), parameters };
    const circuits = new CircuitSource({ profile, graph: network, plan: searchPlan(network, parameters, 'searched') });
    const { model } = circuits;
    const full = maximumImages(model);
    const engine = await openOpenFheEngine(parameters);
    const keys = await makeKeySet(engine, { stages: model.plan.stages });
    try {
      const session = new EvaluationSession(circuits, keys.evaluator);
      for (const factor of [1, 1e3]) {
        const images = Array.from({ length: full + 1 }, (_, index) =>
          scaledImage(randomImage(network, 100 + index), index === 0 ? factor : 1),
        );
        const payloads = await encryptImages(keys.client, model, images, {});
        const { groups } = await evaluatePayloads(session, payloads, images.length, {});
        const answers = await decryptAnswers(keys.client, model, groups, images.length, {});
        const refused = answers.map((answer) => 'refusal' in answer);
        expect(refused).toEqual(images.map((_, index) => factor > 1 && index < full));
      }
    } finally {
      await keys.dispose();
      engine.dispose();
    }
  });
});
