import { CommanderError } from 'commander';
import { FheError } from '../errors.js';
import { FAILED_EXIT_CODE, USAGE_EXIT_CODE } from './exit-codes.js';
import { abortOnInterrupt, INTERRUPTED_EXIT_CODE } from './interrupt.js';
import { createProgram } from './program.js';
import { Terminal } from './terminal.js';

if (process.platform === 'win32') {
  process.stderr.write('error: Windows is not supported; use the Windows Subsystem for Linux (WSL 2)\n');
  process.exit(FAILED_EXIT_CODE);
}
// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on('error', () => process.exit(FAILED_EXIT_CODE));
// Without a reader of progress and notices the work goes on: its result is another matter.
process.stderr.on('error', () => {});

const terminal = new Terminal();
// For what is found wrong before the options are known.
terminal.configure({ json: asksForJson(process.argv.slice(2)) });
const signal = abortOnInterrupt(() => terminal.error(new FheError('ERR_CANCELLED', 'interrupted')));
try {
  await createProgram({ terminal, signal }).parseAsync();
  if (terminal.hasWarned) {
    process.exitCode = FAILED_EXIT_CODE;
  }
} catch (error) {
  const exitCode = exitCodeOf(error);
  if (!(error instanceof CommanderError)) {
    terminal.error(error);
  } else if (exitCode !== 0) {
    terminal.usageError(error.message);
  }
  // A native call may still be running; nothing waits for it.
  process.exit(exitCode);
}

function asksForJson(commandLine: readonly string[]): boolean {
  const end = commandLine.indexOf('--');
  return commandLine.slice(0, end < 0 ? undefined : end).includes('--json');
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
  }
  if (error instanceof FheError && (error.code === 'ERR_USAGE' || error.code === 'ERR_PROFILE')) {
    return USAGE_EXIT_CODE;
  }
  return error instanceof FheError && error.code === 'ERR_CANCELLED' ? INTERRUPTED_EXIT_CODE : FAILED_EXIT_CODE;
}
