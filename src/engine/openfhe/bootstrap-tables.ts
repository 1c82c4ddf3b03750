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
    this.#users += 1;
    if (this.#users === 1) {
      await settled('bootstrap', this.#addon.prepareBootstrap(this.#engine.handle));
    }
  }

  async release(): Promise<void> {
    this.#users -= 1;
    if (this.#users === 0) {
      await settled('bootstrap', this.#addon.dropBootstrap(this.#engine.handle));
    }
  }
}
