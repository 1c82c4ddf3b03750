import { formatBytes } from '../byte-size.js';
import type { ProfileDescription } from '../operations/params.js';
import { formatDuration, formatTable } from './format.js';

/** One line per profile; keys, memory and time are predictions for one picture. Below, what the times are for. */
export function renderProfiles(profiles: readonly ProfileDescription[]): string {
  const heading = ['profile', 'engine', 'classical', 'post-quantum', 'ring', 'log QP', 'keys', 'memory', 'circuit', ''];
  const rows = profiles.map(({ profile, engine, engineAvailable, security, model, network, description }) => [
    profile,
    engineAvailable ? engine : `${engine} (not built)`,
    `${security.bits} bits`,
    `${security.quantumBits} bits`,
    String(security.ringDimension),
    String(security.logQP),
    ...(model === null
      ? ['', '', '', `${description} (no weights ${network})`]
      : [formatBytes(model.keyBytes), formatBytes(model.peakMemoryBytes), formatDuration(model.seconds), description]),
  ]);
  return [formatTable([heading, ...rows], new Set([2, 3, 4, 5, 6, 7, 8])), ...renderMachines(profiles)].join('\n\n');
}

/** What the predicted seconds of each engine are for. */
function renderMachines(profiles: readonly ProfileDescription[]): string[] {
  const machines = new Map(
    profiles.flatMap(({ engine, model }) => (model === null ? [] : [[engine, model.predictedFor] as const])),
  );
  return machines.size === 0
    ? []
    : [`predicted times: ${[...machines].map(([engine, machine]) => `${engine} on ${machine}`).join('; ')}`];
}

/** The plan of a profile that was described with its circuit; nothing otherwise. */
export function renderCircuit({ profile, model }: ProfileDescription): string[] {
  if (model?.circuit === undefined) {
    return [];
  }
  const { planHash, circuit } = model;
  const heading = ['step', 'kind', 'level', 'diagonals', 'predicted'];
  const rows = circuit.stages.flatMap(({ name, keyBytes, predictedSeconds, steps }) => [
    [name, `keys ${formatBytes(keyBytes)}`, '', '', `${predictedSeconds.toFixed(3)} s`],
    ...steps.map((step) => [
      `  ${step.name}`,
      step.kind,
      String(step.level),
      step.kind === 'linear' ? String(step.diagonals) : '',
      `${step.predictedSeconds.toFixed(3)} s`,
    ]),
  ]);
  const rotations = circuit.stages.map((stage) => `${stage.name}: ${stage.rotations.join(' ')}`);
  return [
    `plan of ${profile}, ${planHash.slice(0, 16)}: ${circuit.slots} slots, input at level ${circuit.inputLevel}\n` +
      formatTable([heading, ...rows], new Set([2, 3, 4])),
    `rotations by stage\n${rotations.join('\n')}`,
  ];
}
