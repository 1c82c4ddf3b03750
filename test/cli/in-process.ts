import { vi } from 'vitest';
import { runCommand } from '../../src/cli/run.js';
import { Terminal } from '../../src/cli/terminal.js';
import type { ProgramRun } from './program.js';

/** Runs one command within the test's own process: for what ends before anything is computed. */
export async function runInProcess(commandLine: readonly string[]): Promise<ProgramRun> {
  const output = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      output[name] += text;
      return true;
    }),
  );
  try {
    const { signal } = new AbortController();
    const { exitCode } = await runCommand(commandLine, { terminal: new Terminal(), signal });
    return { status: exitCode, ...output };
  } finally {
    for (const spy of spies) {
      spy.mockRestore();
    }
  }
}
