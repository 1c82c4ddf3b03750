import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { NoiseModel } from '../engine/simulator/noise.js';
import { FheError, type FheErrorCode } from '../errors.js';
import type { DeploymentChoice } from '../sessions/deployment.js';
import type { ImageClassifier, ImageScores } from './image-classifier.js';

/** What a worker is started with. */
export interface WorkerOptions {
  readonly choice: DeploymentChoice;
  readonly noise: NoiseModel;
  /** Differs between workers, so that their noise is independent. */
  readonly seed: number;
}

export type WorkerAnswer =
  | { readonly scores: readonly ImageScores[] }
  | { readonly error: { readonly message: string; readonly code: string | undefined } };

/** A classifier on the simulator in a thread of its own. The compiled program only: Node runs no TypeScript. */
export function workerClassifier(options: WorkerOptions): ImageClassifier {
  const worker = new Worker(new URL('./simulator-worker.js', import.meta.url), { workerData: options });
  return {
    classify: async (pixels) => {
      worker.postMessage(pixels);
      const [answer] = (await once(worker, 'message')) as [WorkerAnswer];
      if ('error' in answer) {
        throw new FheError((answer.error.code ?? 'ERR_NATIVE') as FheErrorCode, answer.error.message);
      }
      return answer.scores;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
