import { CommanderError } from 'commander';
import { FheError } from '../errors.js';
import { abortOnInterrupt, INTERRUPTED_EXIT_CODE } from './interrupt.js';
import { createProgram } from './program.js';
import { Terminal } from './terminal.js';

const FAILED_EXIT_CODE = 1;
const USAGE_EXIT_CODE = 2;

if (process.platform === 'win32') {
  process.stderr.write('error: Windows is not supported; use the Windows Subsystem for Linux (WSL 2)\n');
  process.exit(FAILED_EXIT_CODE);
}
// A reader that has seen enough, such as `head`, closes the pipe.
process.stdout.on('error', () => process.exit(FAILED_EXIT_CODE));

const terminal = new Terminal();
const signal = abortOnInterrupt(() => terminal.error(new FheError('ERR_CANCELLED', 'interrupted')));
try {
  await createProgram({ terminal, signal }).parseAsync();
} catch (error) {
  const exitCode = exitCodeOf(error);
  if (!(error instanceof CommanderError)) {
    terminal.error(error);
  }
  // A native call may still be running; nothing waits for it.
  process.exit(exitCode);
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
