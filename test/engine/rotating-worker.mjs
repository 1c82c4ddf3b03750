// Rotates a ciphertext again and again with so many threads, and answers with the last result.
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

const { addon, parameters, files, payload, threads, rotation, rounds } = workerData;
const binding = createRequire(import.meta.url)(addon);
const { context } = await binding.createContext(parameters);
const keys = binding.createKeys(context);
for (const { path, sha256 } of files) {
  await binding.addKey(keys, path, sha256);
}
const evaluator = binding.createEvaluator(context, keys, 1e9);
const { ciphertext } = await binding.readCiphertext(evaluator, payload);
binding.setThreads(threads);
let rotated = ciphertext;
for (let round = 0; round < rounds; round++) {
  ({ ciphertext: rotated } = await binding.rotate(evaluator, ciphertext, rotation));
}
parentPort.postMessage(await binding.writeCiphertext(evaluator, rotated));
