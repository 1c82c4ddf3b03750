import { FheError } from '../errors.js';
import { FAILED_EXIT_CODE } from './exit-codes.js';
import { abortOnInterrupt } from './interrupt.js';
import { runCommand } from './run.js';
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
const signal = abortOnInterrupt(() => terminal.error(new FheError('ERR_CANCELLED', 'interrupted')));
const { exitCode, ended } = await runCommand(process.argv.slice(2), { terminal, signal });
if (ended) {
  process.exitCode = exitCode;
} else {
  // Nothing waits for what still runs.
  process.exit(exitCode);
}
