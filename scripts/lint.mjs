// npm run lint             types of the tests, style, import directions and formatting
// npm run format           the same tools, writing what they can mend
import { fileURLToPath } from 'node:url';
import { wrongIncludes } from './lib/native-rooms.mjs';
import { nativeSources } from './lib/native-sources.mjs';
import { Outcome } from './lib/outcome.mjs';
import { packageBinary, run } from './lib/process.mjs';

/** Runs every tool and counts each as one check. */
export async function lint(outcome, { write = false } = {}) {
  checkIncludes(outcome);
  const tools = [
    ['tsc', ['-p', 'test']],
    ['biome', ['check', '--error-on-warnings', '--log-level=warn', ...(write ? ['--write'] : [])]],
    ['depcruise', ['--config', '.dependency-cruiser.cjs', 'src']],
    ['clang-format', [...(write ? ['-i'] : ['--dry-run', '--Werror']), ...nativeSources(), ...nativeSources('bench')]],
  ];
  if (!write) {
    await Promise.all(tools.map((tool) => check(tool, outcome)));
    return;
  }
  // One writes what another reads.
  for (const tool of tools) {
    await check(tool, outcome);
  }
}

async function check([name, toolArguments], outcome) {
  const succeeded = (await run(packageBinary(name), toolArguments, { quiet: true })) === 0;
  process.stdout.write(`${succeeded ? 'passed' : 'FAILED'}: ${name}\n`);
  outcome.check(succeeded);
}

function checkIncludes(outcome) {
  const wrong = wrongIncludes();
  process.stdout.write(
    `${wrong.map((line) => `${line}\n`).join('')}${wrong.length === 0 ? 'passed' : 'FAILED'}: native rooms\n`,
  );
  outcome.check(wrong.length === 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outcome = new Outcome();
  await lint(outcome, { write: process.argv.includes('--write') });
  process.exitCode = outcome.failed === 0 ? 0 : 1;
}
