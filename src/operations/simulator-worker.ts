import { parentPort, workerData } from 'node:worker_threads';
import { openRoles } from '../sessions/roles.js';
import type { Tensor } from '../tensor/tensor.js';
import { classifierOver } from './image-classifier.js';
import type { WorkerAnswer, WorkerOptions } from './worker-classifier.js';

// Classifies on the simulator, in a thread of its own: one message in per group of images, one message out.

const { choice, noise, seed } = workerData as WorkerOptions;
const roles = await openRoles({ engine: 'simulator', ...choice }, { noise, seed });
const classifier = classifierOver(roles, {});

parentPort?.on('message', async (pixels: readonly Tensor[]) => {
  let answer: WorkerAnswer;
  try {
    answer = { scores: await classifier.classify(pixels) };
  } catch (error) {
    const { message, code } = error as { message: string; code?: string };
    answer = { error: { message, code } };
  }
  parentPort?.postMessage(answer);
});
