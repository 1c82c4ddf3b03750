// Runs the cases of one target in a thread that can be ended: what it is at stands in shared memory, findings are messages.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { FheError } from '../../dist/errors.js';
import { below, caseRandom, mutate, pick } from './mutation.mjs';

const { target, seed, first, endsAt, memoryBytes, progress } = workerData;
const { corpus, run, seal = (files) => files } = await import(`./targets/${target}.mjs`);
const all = corpus.flatMap((files) => Object.values(files));
const folder = mkdtempSync(join(tmpdir(), 'resnet20-fhe-fuzz-'));
const state = new BigInt64Array(progress);
let placed = '';

await checkCorpus();
for (let index = first; Date.now() < endsAt; index++) {
  await runCase(index, damaged(caseRandom(seed, index)));
}
rmSync(folder, { recursive: true, force: true });
parentPort.postMessage({ done: true });

/** The whole files are taken: otherwise nothing behind the first check is reached. */
async function checkCorpus() {
  for (const files of corpus) {
    for (const written of [files, seal(files)]) {
      place(written);
      await run(folder).catch((error) => {
        // Pictures of kinds that are refused are among those that are damaged.
        if (!(error instanceof FheError) || error.code !== 'ERR_IMAGE_DECODE') {
          throw error;
        }
      });
    }
  }
}

function damaged(random) {
  const files = { ...pick(random, corpus) };
  const names = Object.keys(files);
  const name = pick(random, names);
  files[name] = mutate(files[name], all, random);
  if (names.length > 1 && random() < 0.1) {
    files[pick(random, names)] = files[pick(random, names)];
  }
  return below(random, 4) === 0 ? files : seal(files);
}

async function runCase(index, files) {
  place(files);
  state[0] = BigInt(index);
  Atomics.store(state, 1, BigInt(Date.now()));
  const before = process.memoryUsage.rss();
  let problem;
  try {
    await run(folder);
  } catch (error) {
    problem = error instanceof FheError && /^ERR_[A-Z_]+$/.test(error.code) ? undefined : String(error?.stack ?? error);
  }
  Atomics.store(state, 1, 0n);
  const grown = process.memoryUsage.rss() - before;
  if (grown > memoryBytes) {
    problem ??= `memory grew by ${grown} bytes`;
  }
  if (problem !== undefined) {
    parentPort.postMessage({ index, problem, files });
  }
}

/** Leaves these files in the folder and no others. */
function place(files) {
  const names = Object.keys(files).join();
  if (names !== placed) {
    rmSync(folder, { recursive: true, force: true });
    for (const name of Object.keys(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
    }
    placed = names;
  }
  for (const [name, bytes] of Object.entries(files)) {
    writeFileSync(join(folder, name), bytes);
  }
}
