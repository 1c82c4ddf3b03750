import path from 'node:path';
import type { KeyRequirements } from '../../circuit/circuit.js';
import { FheError } from '../../errors.js';
import type { NativeEngine, OpenFheAddon } from './binding.js';
import type { BootstrapTables } from './bootstrap-tables.js';
import type { KeyIndex } from './key-index.js';
import { settled } from './load-addon.js';

/** Which of a key set's evaluation keys one evaluator has in memory. */
export class LoadedKeys {
  /** Name under which OpenFHE's process-wide maps have this evaluator's keys. */
  readonly holder: string;
  readonly #addon: OpenFheAddon;
  readonly #engine: NativeEngine;
  readonly #bootstrapTables: BootstrapTables;
  readonly #folder: string;
  readonly #index: KeyIndex;
  readonly #files = new Set<string>();
  readonly #automorphisms = new Set<number>();
  #relinearization = false;
  #bootstrap = false;
  #disposed = false;

  private static holders = 0;

  constructor(
    addon: OpenFheAddon,
    engine: NativeEngine,
    bootstrapTables: BootstrapTables,
    folder: string,
    index: KeyIndex,
  ) {
    this.holder = `${index.keyTag}/${++LoadedKeys.holders}`;
    this.#addon = addon;
    this.#engine = engine;
    this.#bootstrapTables = bootstrapTables;
    this.#folder = folder;
    this.#index = index;
  }

  get keyTag(): string {
    return this.#index.keyTag;
  }

  /** Drops what the stage does not need before it reads what is missing. Throws ERR_KEY_MISSING naming stage and key. */
  async enter(stage: string, keys: KeyRequirements): Promise<void> {
    if (keys.conjugation) {
      throw new FheError('ERR_PROFILE', `stage ${stage}: the openfhe engine has no conjugation keys`);
    }
    const needed = this.#neededAutomorphisms(stage, keys);
    const files = this.#index.automorphismFiles.filter(({ automorphisms }) =>
      automorphisms.some((automorphism) => needed.has(automorphism)),
    );
    await this.#drop(files.map(({ file }) => file));
    if (!keys.bootstrap && this.#bootstrap) {
      this.#bootstrap = false;
      await this.#bootstrapTables.release();
    }
    if ((keys.relinearization || keys.bootstrap) && !this.#relinearization) {
      const file = path.join(this.#folder, this.#index.relinearization);
      const { keyTag, holder } = this;
      await settled(`stage ${stage}`, this.#addon.loadRelinearizationKey(this.#engine.handle, file, keyTag, holder));
      this.#relinearization = true;
    }
    for (const { file, automorphisms } of files) {
      if (!this.#files.has(file)) {
        const target = path.join(this.#folder, file);
        const { keyTag, holder } = this;
        await settled(`stage ${stage}`, this.#addon.loadAutomorphismKeys(this.#engine.handle, target, keyTag, holder));
        this.#files.add(file);
        for (const automorphism of automorphisms) {
          this.#automorphisms.add(automorphism);
        }
      }
    }
    if (keys.bootstrap && !this.#bootstrap) {
      await this.#bootstrapTables.acquire();
      this.#bootstrap = true;
    }
  }

  /** Throws ERR_KEY_MISSING for the first nonzero rotation without a key in memory. */
  requireRotations(rotations: readonly number[], subject: string): void {
    const found = this.#addon.rotationAutomorphisms(this.#engine.handle, Int32Array.from(rotations));
    const missing = rotations.find((rotation, index) => rotation !== 0 && !this.#automorphisms.has(found[index]!));
    if (missing !== undefined) {
      throw new FheError('ERR_KEY_MISSING', `${subject}: no key for the rotation by ${missing} in this stage`);
    }
  }

  requireRelinearization(subject: string): void {
    if (!this.#relinearization) {
      throw new FheError('ERR_KEY_MISSING', `${subject}: no relinearization key in this stage`);
    }
  }

  requireBootstrap(subject: string): void {
    if (!this.#bootstrap) {
      throw new FheError('ERR_KEY_MISSING', `${subject}: no bootstrap keys in this stage`);
    }
  }

  /** Queued behind what still runs. */
  dispose(): void {
    if (this.#disposed) {
      return;
    }
    this.#disposed = true;
    void this.#addon.forgetKeys(this.holder);
    if (this.#bootstrap) {
      this.#bootstrap = false;
      void this.#bootstrapTables.release();
    }
  }

  #neededAutomorphisms(stage: string, keys: KeyRequirements): Set<number> {
    const { handle } = this.#engine;
    const available = new Set(this.#index.automorphismFiles.flatMap(({ automorphisms }) => automorphisms));
    const rotations = this.#addon.rotationAutomorphisms(handle, Int32Array.from(keys.rotations));
    const missing = keys.rotations.find((_, index) => !available.has(rotations[index]!));
    if (missing !== undefined) {
      throw new FheError('ERR_KEY_MISSING', `stage ${stage}: no key for the rotation by ${missing}`);
    }
    const needed = new Set(rotations);
    if (keys.bootstrap) {
      for (const automorphism of this.#addon.bootstrapAutomorphisms(handle)) {
        if (!available.has(automorphism)) {
          throw new FheError('ERR_KEY_MISSING', `stage ${stage}: no bootstrap key for automorphism ${automorphism}`);
        }
        needed.add(automorphism);
      }
    }
    return needed;
  }

  async #drop(kept: readonly string[]): Promise<void> {
    const dropped = [...this.#files].filter((file) => !kept.includes(file));
    if (dropped.length === 0) {
      return;
    }
    for (const { file, automorphisms } of this.#index.automorphismFiles) {
      if (dropped.includes(file)) {
        this.#files.delete(file);
        for (const automorphism of automorphisms) {
          this.#automorphisms.delete(automorphism);
        }
      }
    }
    await this.#addon.keepAutomorphismKeys(this.holder, Int32Array.from(this.#automorphisms));
  }
}
