// Readers of untrusted files under damage: each takes a file or refuses it with an FheError that has a code, within the
// limits below, and does nothing else. Cases are numbered; the same seed and number give the same files.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** A case that takes longer counts as one that never ends. */
const caseSeconds = 20;
/** By which one case may let the memory of the process grow; pictures may have 16 megapixels. */
const memoryBytes = 2 ** 30;
const heapMegabytes = 1024;
/** Of each target: the same fault is found again and again. */
const mostFindings = 10;

/** The readers that there are targets for. */
export const targets = readdirSync(fileURLToPath(new URL('targets', import.meta.url)))
  .map((file) => file.replace(/\.mjs$/, ''))
  .sort();

/**
 * Runs a target's cases from number `first` for so many seconds. Resolves to how many there were and to what was found:
 * the case's number, its files and what is wrong.
 */
export async function fuzzTarget(target, { seconds, seed, first = 0 }) {
  const started = Date.now();
  const findings = [];
  let next = first;
  while (Date.now() < started + 1000 * seconds && findings.length < mostFindings) {
    const last = await runWorker({ target, seed, first: next, endsAt: started + 1000 * seconds }, findings);
    next = last + 1;
  }
  return { target, executions: next - first, seconds: (Date.now() - started) / 1000, findings };
}

/** Runs one thread to its end; resolves to the number of its last case. */
function runWorker(work, findings) {
  const progress = new SharedArrayBuffer(16);
  const state = new BigInt64Array(progress);
  state[0] = BigInt(work.first - 1);
  const worker = new Worker(new URL('worker.mjs', import.meta.url), {
    workerData: { ...work, memoryBytes, progress },
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  });
  return new Promise((resolve, reject) => {
    const end = (problem) => {
      clearInterval(watch);
      if (problem !== undefined) {
        findings.push({ index: Number(state[0]), problem });
      }
      void worker.terminate().then(() => resolve(Number(state[0])));
    };
    const watch = setInterval(() => {
      const since = Number(Atomics.load(state, 1));
      if (since !== 0 && Date.now() - since > 1000 * caseSeconds) {
        end(`no end after ${caseSeconds} s`);
      }
    }, 500);
    worker.on('message', ({ done, ...finding }) => {
      if (done === true) {
        end();
        return;
      }
      findings.push(finding);
      if (findings.length >= mostFindings) {
        end();
      }
    });
    worker.on('error', (error) => {
      if (Number(state[0]) < work.first) {
        clearInterval(watch);
        reject(error);
      } else {
        end(String(error.stack ?? error));
      }
    });
  });
}
