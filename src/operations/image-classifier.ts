import { normalise } from '../image/normalise.js';
import { forward } from '../network/forward.js';
import type { OperationControls } from '../sessions/events.js';
import type { Roles } from '../sessions/roles.js';
import type { Tensor } from '../tensor/tensor.js';
import { classify } from './classify.js';

/** What the circuit and the plain network say of one image: one score per class each. */
export interface ImageScores {
  /** Undefined where the circuit's answer was refused. */
  readonly scores: readonly number[] | undefined;
  readonly plainScores: readonly number[];
}

/** Classifies a group of images, given as pixels [3, height, width], 0 to 255, at most as many as fit a ciphertext. */
export interface ImageClassifier {
  classify(pixels: readonly Tensor[]): Promise<readonly ImageScores[]>;
  close(): Promise<void>;
}

/** A classifier in this thread; owns the roles. */
export function classifierOver(roles: Roles, controls: OperationControls): ImageClassifier {
  const { graph, plan } = roles.model;
  return {
    classify: async (pixels) => {
      const images = pixels.map((image) => normalise(image, plan.input.encoding));
      const { answers } = await classify(roles, images, controls);
      return images.map((image, index) => {
        const answer = answers[index]!;
        return {
          scores: 'values' in answer ? answer.values : undefined,
          plainScores: [...forward(graph, image)],
        };
      });
    },
    close: async () => roles[Symbol.dispose](),
  };
}
