import { nativeTables } from './native-tables.mjs';

/** The section on the library in docs/performance.md. */
export function librarySection(result) {
  const { date, commit, machine, repetitions } = result.record;
  const introduction = `## The library

Measured ${date.slice(0, 10)} at ${shortened(commit)} on ${machine.cpu}, ${machine.cores} cores, with the ${result.bestKernel} kernels where none are
named. Milliseconds, medians of ${repetitions}.`;
  const parts = nativeTables(result).map(({ heading, note, text, image }) =>
    [`### ${heading}`, note, text, image].filter(Boolean).join('\n\n'),
  );
  return [introduction, ...parts].join('\n\n');
}

/** The mark of a checkout that differs from its commit is kept. */
function shortened(commit) {
  return commit.slice(0, 12) + (commit.endsWith('+') ? '+' : '');
}
