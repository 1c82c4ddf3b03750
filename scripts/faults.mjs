// npm run faults -- [--cases N] [--kills N] [--large-kills N] [--seed S] [--jobs N]
//   N damaged files of keys, requests and answers, before and while operations read them (default 1000); then the program
//   killed at N random moments (default 100), and at N while it makes the keys of params_fast (default 10). The
//   damaged files are shared by N processes of one thread each (default 2).
// The tests of test/faults/ with other numbers; appends one line to bench/results/faults.jsonl.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeCommit, describeMachine } from '../bench/machine.mjs';
import { packageBinary, root, run } from './lib/process.mjs';
import { appendResult } from './lib/results.mjs';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000' },
    kills: { type: 'string', default: '100' },
    'large-kills': { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
  },
});
const [cases, kills, largeKills, seed, jobs] = ['cases', 'kills', 'large-kills', 'seed', 'jobs'].map((name) =>
  Number(values[name]),
);
const reports = mkdtempSync(join(tmpdir(), 'resnet20-fhe-faults-'));
const started = performance.now();
try {
  const damage = cases > 0 ? await damageFiles() : undefined;
  const killed = kills + largeKills > 0 ? await killProgram() : undefined;
  appendResult('faults', {
    date: new Date().toISOString(),
    commit: describeCommit(root),
    machine: describeMachine(),
    seconds: (performance.now() - started) / 1000,
    damage,
    killed,
  });
} finally {
  rmSync(reports, { recursive: true, force: true });
}

async function damageFiles() {
  const outcomes = await Promise.all(
    Array.from({ length: jobs }, (_, job) =>
      runTest('damaged-files', `damage-${job}`, {
        RESNET20_FHE_FAULT_CASES: `${Math.ceil((cases - job) / jobs)}`,
        RESNET20_FHE_FAULTS_SEED: `${seed + job}`,
      }),
    ),
  );
  const total = (name) => outcomes.reduce((sum, outcome) => sum + outcome[name], 0);
  const counts = ['cases', 'right', 'refused', 'wrong', 'error', 'crash', 'hang'].map((name) => [name, total(name)]);
  return { seed, ...Object.fromEntries(counts) };
}

function killProgram() {
  return runTest('killed', 'killed', {
    RESNET20_FHE_KILLS: `${kills}`,
    RESNET20_FHE_LARGE_KILLS: `${largeKills}`,
    RESNET20_FHE_FAULTS_SEED: `${seed}`,
  });
}

/** Runs one test file; resolves to the report that it wrote. A run without one is not recorded. */
async function runTest(name, reportName, environment) {
  const report = join(reports, `${reportName}.json`);
  const env = {
    ...process.env,
    ...environment,
    RESNET20_FHE_FAULTS_REPORT: report,
    RESNET20_FHE_KILLS_REPORT: report,
  };
  const code = await run(packageBinary('vitest'), ['run', '--project=full', `test/faults/${name}.full.test.ts`], {
    env,
  });
  if (code !== 0) {
    process.exitCode = 1;
  }
  return JSON.parse(readFileSync(report, 'utf8'));
}
