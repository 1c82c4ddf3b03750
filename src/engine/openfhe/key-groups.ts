import type { KeyPlan } from '../engine.js';

/** Automorphism keys that the same stages read, small enough to be made at once. */
export interface KeyGroup {
  readonly kind: 'rotation' | 'bootstrap';
  readonly file: string;
  readonly automorphisms: readonly number[];
  /** The plan's rotations among them. */
  readonly rotations: readonly number[];
  readonly stages: readonly string[];
}

/** How many bytes of keys are made, and held, at once. */
const groupBytes = 1.5e9;

export interface GroupingOptions {
  readonly automorphismOf: (rotation: number) => number;
  /** What bootstrapping needs; not asked when no stage bootstraps. */
  readonly bootstrapAutomorphisms: () => readonly number[];
  readonly keyBytes: number;
}

/**
 * Distributes a plan's keys over files: every key is in exactly one file, and a file's keys are read by exactly the same
 * stages, so that a stage reads all that it needs and nothing else, and no key is stored twice.
 */
export function groupKeys(plan: KeyPlan, options: GroupingOptions): KeyGroup[] {
  const needs = collectNeeds(plan, options);
  const groups = new Map<string, { kind: KeyGroup['kind']; stages: readonly string[]; members: Need[] }>();
  for (const need of needs) {
    const kind = need.rotation === undefined ? 'bootstrap' : 'rotation';
    const key = JSON.stringify([kind, need.stages]);
    const group = groups.get(key) ?? { kind, stages: need.stages, members: [] };
    group.members.push(need);
    groups.set(key, group);
  }
  const perFile = Math.max(1, Math.floor(groupBytes / options.keyBytes));
  const counters = { rotation: 0, bootstrap: 0 };
  return [...groups.values()].flatMap(({ kind, stages, members }) =>
    chunks(members, perFile).map((chunk) => ({
      kind,
      file: `${kind}-${++counters[kind]}.key`,
      automorphisms: chunk.map(({ automorphism }) => automorphism),
      rotations: chunk.flatMap(({ rotation }) => (rotation === undefined ? [] : [rotation])),
      stages,
    })),
  );
}

interface Need {
  readonly automorphism: number;
  rotation: number | undefined;
  readonly stages: string[];
}

function collectNeeds(plan: KeyPlan, options: GroupingOptions): Iterable<Need> {
  const needs = new Map<number, Need>();
  const add = (automorphism: number, rotation: number | undefined, stage: string): void => {
    const need = needs.get(automorphism) ?? { automorphism, rotation, stages: [] };
    need.rotation ??= rotation;
    if (need.stages.at(-1) !== stage) {
      need.stages.push(stage);
    }
    needs.set(automorphism, need);
  };
  for (const { name, keys } of plan.stages) {
    for (const rotation of keys.rotations) {
      add(options.automorphismOf(rotation), rotation, name);
    }
    if (keys.bootstrap) {
      for (const automorphism of options.bootstrapAutomorphisms()) {
        add(automorphism, undefined, name);
      }
    }
  }
  return needs.values();
}

function chunks<T>(values: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let start = 0; start < values.length; start += size) {
    result.push(values.slice(start, start + size));
  }
  return result;
}
