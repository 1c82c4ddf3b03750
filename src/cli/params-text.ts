import type { ProfileDescription } from '../operations/params.js';
import { formatBytes, formatDuration, formatTable } from './format.js';

/** One line per profile; predictions are for one picture. */
export function renderProfiles(profiles: readonly ProfileDescription[]): string {
  const heading = ['profile', 'engine', 'security', 'ring', 'log QP', 'keys', 'memory', 'circuit', ''];
  const rows = profiles.map(({ profile, engine, engineAvailable, security, predicted, description }) => [
    profile,
    engineAvailable ? engine : `${engine} (not built)`,
    `${security.bits} bits`,
    String(security.ringDimension),
    String(security.logQP),
    formatBytes(predicted.keyBytes),
    formatBytes(predicted.peakMemoryBytes),
    formatDuration(predicted.seconds),
    description,
  ]);
  return formatTable([heading, ...rows], new Set([2, 3, 4, 5, 6, 7]));
}

/** The plan of a profile that was described with its circuit; nothing otherwise. */
export function renderCircuit({ profile, planHash, circuit }: ProfileDescription): string[] {
  if (circuit === undefined) {
    return [];
  }
  const heading = ['step', 'kind', 'level', 'diagonals', 'predicted'];
  const rows = circuit.stages.flatMap(({ name, rotations, predictedSeconds, steps }) => [
    [name, `${rotations.length} rotation keys`, '', '', formatDuration(predictedSeconds)],
    ...steps.map((step) => [
      `  ${step.name}`,
      step.kind,
      String(step.level),
      step.kind === 'linear' ? String(step.diagonals) : '',
      `${step.predictedSeconds.toFixed(3)} s`,
    ]),
  ]);
  return [
    `plan of ${profile}, ${planHash.slice(0, 16)}: ${circuit.slots} slots, input at level ${circuit.inputLevel}\n` +
      formatTable([heading, ...rows], new Set([2, 3, 4])),
  ];
}
