import { openSimulator } from '../engine/simulator/simulator.js';
import { forward } from '../network/forward.js';
import { type Answer, decryptAnswers, encryptImages } from '../sessions/client.js';
import { EvaluationSession, evaluatePayloads } from '../sessions/evaluation.js';
import type { OperationControls } from '../sessions/events.js';
import type { CircuitSource } from '../sessions/model.js';
import { disposing } from './disposing.js';
import type { NetworkInput } from './inputs.js';
import { compare, type Prediction } from './prediction.js';

/** Adds to each prediction, other than a refused one, what the plain network and the noiseless circuit say of the same image. */
export async function compareWithReferences(
  predictions: readonly Prediction[],
  found: readonly Answer[],
  images: readonly NetworkInput[],
  circuits: CircuitSource,
  controls: OperationControls,
): Promise<Prediction[]> {
  const { profile, graph } = circuits.model;
  const silent = { signal: controls.signal };
  const tensors = images.map((image) => image.tensor);
  const simulator = openSimulator(profile.parameters, { noise: 'none' });
  using _simulator = disposing(simulator);
  const { client, evaluator } = simulator.openWithoutKeys();
  const payloads = await encryptImages(client, circuits.model, tensors, silent);
  using session = new EvaluationSession(circuits, evaluator);
  const evaluated = await evaluatePayloads(session, payloads, images.length, silent);
  const answers = await decryptAnswers(client, circuits.model, evaluated.groups, images.length, silent);
  return predictions.map((prediction, index) => {
    const own = found[index]!;
    const answer = answers[index]!;
    return prediction.error !== undefined || !('values' in own) || !('values' in answer)
      ? prediction
      : compare(prediction, own.values, [...forward(graph, tensors[index]!)], answer.values);
  });
}
