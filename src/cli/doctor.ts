import type { Command } from 'commander';
import type { CommandContext } from './context.js';
import { formatTable } from './format.js';

export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .summary('say what works here and what is missing')
    .description(
      'Checks the engines, tools, processor, memory and disk, and names the command that mends what is missing.',
    )
    .addHelpText('after', '\nExample:\n  $ resnet20-fhe doctor')
    .action(async () => {
      const { doctor } = await import('../operations/doctor.js');
      const report = await doctor();
      context.terminal.report(report, ({ checks }) =>
        formatTable(checks.map((check) => [check.state, check.subject, check.finding])),
      );
    });
}
