import type { NativeEngine, OpenFheAddon } from './binding.js';
import { settled } from './load-addon.js';

/** The precomputations of an engine's bootstraps, gigabytes at full size: there while an evaluator uses them. */
export class BootstrapTables {
  readonly #addon: OpenFheAddon;
  readonly #engine: NativeEngine;
  #users = 0;

  constructor(addon: OpenFheAddon, engine: NativeEngine) {
    this.#addon = addon;
    this.#engine = engine;
  }

  async acquire(): Promise<void> {
    if (this.#users === 0) {
      await settled('bootstrap', this.#addon.prepareBootstrap(this.#engine.handle));
    }
    this.#users += 1;
  }

  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users === 0) {
      await settled('bootstrap', this.#addon.dropBootstrap(this.#engine.handle));
    }
  }
}

/** An automorphism and the highest level at which it is used. */
export interface LeveledAutomorphism {
  readonly automorphism: number;
  readonly level: number;
}

/** What bootstrapping under an engine's parameters needs keys for. */
export function bootstrapAutomorphisms(addon: OpenFheAddon, engine: NativeEngine): LeveledAutomorphism[] {
  const pairs = addon.bootstrapAutomorphisms(engine.handle);
  return Array.from({ length: pairs.length / 2 }, (_, index) => ({
    automorphism: pairs[2 * index]!,
    level: pairs[2 * index + 1]!,
  }));
}
