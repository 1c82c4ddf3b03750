import type { Command } from 'commander';
import type { PlanOptions } from '../operations/plan.js';
import { parseBits, parseCount, parsePath } from './arguments.js';
import { type CommandContext, controlsOf } from './context.js';
import { renderPlan } from './plan-text.js';

export function addPlanCommand(program: Command, context: CommandContext): void {
  program
    .command('plan')
    .summary('find parameters for a network')
    .description(
      "Searches parameters with 128 bits of security for a network's folder, as cheap as they can be, and writes them and " +
        'the plan of the computation beside it (plan.json). Key sets are made for a plan.',
    )
    .argument('<folder>', 'network, as `import` writes it', parsePath)
    .option(
      '--precision <bits>',
      'bits that the noise of one layer leaves of values of size 1 (default: 10)',
      parseBits,
    )
    .option('--images <count>', 'pictures that are evaluated at a time (default: 1)', parseCount)
    .addHelpText(
      'after',
      `
Examples:
  $ resnet20-fhe plan my-network
  $ resnet20-fhe plan my-network --images 256`,
    )
    .action(async (network: string, options: Omit<PlanOptions, 'network'>) => {
      const { plan } = await import('../operations/plan.js');
      context.terminal.report(await plan({ network, ...options, ...controlsOf(context) }), renderPlan);
    });
}
