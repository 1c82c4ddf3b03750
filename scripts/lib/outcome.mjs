import { existsSync, readFileSync } from 'node:fs';

/** Sum of the results of several test runners. */
export class Outcome {
  passed = 0;
  failed = 0;
  skipped = 0;

  /** Counts one check. */
  check(succeeded) {
    if (succeeded) {
      this.passed += 1;
    } else {
      this.failed += 1;
    }
  }

  /** Names what can't run here and why. What is required is a failure where everything must be there (CI=true). */
  skip(what, reason, required = process.env.CI === 'true') {
    process.stdout.write(`${required ? 'FAILED' : 'skipped'}: ${what} (${reason})\n`);
    if (required) {
      this.failed += 1;
    } else {
      this.skipped += 1;
    }
  }

  /** Adds the counts of a runner that exited with `code`: one that failed without a failed test counts as one. */
  add(counts, code) {
    this.passed += counts.passed;
    this.failed += counts.failed === 0 && code !== 0 ? 1 : counts.failed;
    this.skipped += counts.skipped;
  }

  toString() {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }
}

const nothing = { passed: 0, failed: 0, skipped: 0 };

/** Counts of a vitest JSON report; zeros where the run ended before it was written. */
export function readVitestReport(file) {
  if (!existsSync(file)) {
    return nothing;
  }
  const report = JSON.parse(readFileSync(file, 'utf8'));
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Counts of a JUnit report as ctest and pytest write it; zeros where the run ended before it was written. */
export function readJUnitReport(file) {
  if (!existsSync(file)) {
    return nothing;
  }
  const suite = /<testsuite\b[^>]*>/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = count('failures') + count('errors');
  const skipped = count('skipped') + count('disabled');
  return { passed: count('tests') - failed - skipped, failed, skipped };
}
