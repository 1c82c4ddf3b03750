import type { KeyPlan } from '../engine.js';
import type { LeveledAutomorphism } from './bootstrap-support.js';

/** Automorphism keys that the same stages read, small enough to be made at once. */
export interface KeyGroup {
  readonly kind: 'rotation' | 'bootstrap';
  readonly file: string;
  readonly automorphisms: readonly number[];
  /** The plan's rotations among them. */
  readonly rotations: readonly number[];
  readonly stages: readonly string[];
  /** The highest level at which one of the stages uses a key of the group. */
  readonly level: number;
}

/** How many bytes of keys are made, and held, at once. */
const groupBytes = 1.5e9;

export interface GroupingOptions {
  readonly automorphismOf: (rotation: number) => number;
  /** What bootstrapping needs; not asked when no stage bootstraps. */
  readonly bootstrapAutomorphisms: () => readonly LeveledAutomorphism[];
  readonly keyBytes: number;
}

/**
 * Distributes a plan's keys over files: every key is in exactly one file, and a file's keys are read by exactly the same
 * stages, so that a stage reads all that it needs and nothing else, and no key is stored twice.
 */
export function groupKeys(plan: KeyPlan, options: GroupingOptions): KeyGroup[] {
  const needs = collectNeeds(plan, options);
  const groups = new Map<string, GroupInProgress>();
  for (const need of needs) {
    const kind = need.rotation === undefined ? 'bootstrap' : 'rotation';
    const key = JSON.stringify([kind, need.stages, need.level]);
    const group = groups.get(key) ?? { kind, stages: need.stages, level: need.level, members: [] };
    group.members.push(need);
    groups.set(key, group);
  }
  const perFile = Math.max(1, Math.floor(groupBytes / options.keyBytes));
  const counters = { rotation: 0, bootstrap: 0 };
  return [...groups.values()].flatMap(({ kind, stages, level, members }) =>
    chunks(members, perFile).map((chunk) => ({
      kind,
      file: `${kind}-${++counters[kind]}.key`,
      automorphisms: chunk.map(({ automorphism }) => automorphism),
      rotations: chunk.flatMap(({ rotation }) => (rotation === undefined ? [] : [rotation])),
      stages,
      level,
    })),
  );
}

interface GroupInProgress extends Pick<KeyGroup, 'kind' | 'stages' | 'level'> {
  readonly members: Need[];
}

interface Need {
  readonly automorphism: number;
  rotation: number | undefined;
  level: number;
  readonly stages: string[];
}

function collectNeeds(plan: KeyPlan, options: GroupingOptions): Iterable<Need> {
  const needs = new Map<number, Need>();
  const add = (automorphism: number, rotation: number | undefined, level: number, stage: string): void => {
    const need = needs.get(automorphism) ?? { automorphism, rotation, level, stages: [] };
    need.rotation ??= rotation;
    need.level = Math.max(need.level, level);
    if (need.stages.at(-1) !== stage) {
      need.stages.push(stage);
    }
    needs.set(automorphism, need);
  };
  for (const { name, keys } of plan.stages) {
    for (const rotation of keys.rotations) {
      add(options.automorphismOf(rotation), rotation, keys.level, name);
    }
    if (keys.bootstrap) {
      for (const { automorphism, level } of options.bootstrapAutomorphisms()) {
        add(automorphism, undefined, level, name);
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
