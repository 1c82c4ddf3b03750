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
