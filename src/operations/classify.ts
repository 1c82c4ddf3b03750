import { type Answer, decryptAnswers, encryptImages } from '../sessions/client.js';
import { evaluatePayloads } from '../sessions/evaluation.js';
import { detail, type OperationControls } from '../sessions/events.js';
import type { Roles } from '../sessions/roles.js';
import type { StepTrace } from '../sessions/run-stages.js';
import type { Tensor } from '../tensor/tensor.js';

export interface Classification {
  /** Per image. */
  readonly answers: readonly Answer[];
  readonly trace: readonly StepTrace[];
  readonly seconds: { readonly encrypt: number; readonly circuit: number; readonly decrypt: number };
}

/** Encrypts, evaluates and decrypts normalised images; only bytes pass between the two sides. */
export async function classify(
  roles: Roles,
  images: readonly Tensor[],
  controls: OperationControls,
): Promise<Classification> {
  const { client, session, model } = roles;
  const started = performance.now();
  const payloads = await encryptImages(client, model, images, controls);
  const encrypted = performance.now();
  const bytes = payloads.reduce((sum, payload) => sum + payload.length, 0);
  detail(controls, `encrypted pictures: ${images.length} in ${payloads.length} ciphertexts, ${bytes} bytes`);
  const evaluated = await evaluatePayloads(session, payloads, images.length, controls);
  const computed = performance.now();
  const answers = await decryptAnswers(client, model, evaluated.groups, images.length, controls);
  const decrypted = performance.now();
  return {
    answers,
    trace: evaluated.trace,
    seconds: {
      encrypt: (encrypted - started) / 1000,
      circuit: (computed - encrypted) / 1000,
      decrypt: (decrypted - computed) / 1000,
    },
  };
}
