import type { KeyRequirements } from '../../circuit/circuit.js';
import { FheError } from '../../errors.js';
import type { StageKeys } from '../engine.js';
import type { NativeEngine, OpenFheAddon } from './binding.js';
import { type BootstrapTables, bootstrapAutomorphisms } from './bootstrap-support.js';
import type { AutomorphismFile, KeyIndex } from './key-index.js';
import { type KeyReader, KeysAhead } from './keys-ahead.js';
import { settled } from './load-addon.js';
import type { KeyFiles } from './opened-files.js';

/** Whether memory holds so many bytes of keys beside what a step at the level takes. */
export type KeyBudget = (keyBytes: number, level: number) => boolean;

/** Which of a key set's evaluation keys one evaluator has in memory. */
export class LoadedKeys {
  /** Name under which OpenFHE's process-wide maps have this evaluator's keys. */
  readonly holder: string;
  readonly #addon: OpenFheAddon;
  readonly #engine: NativeEngine;
  readonly #bootstrapTables: BootstrapTables;
  readonly #keyFiles: KeyFiles;
  readonly #index: KeyIndex;
  readonly #fits: KeyBudget;
  readonly #read: KeyReader;
  readonly #ahead: KeysAhead;
  /** Level that the keys of a file in memory serve, by file and by automorphism. */
  readonly #files = new Map<string, number>();
  readonly #automorphisms = new Map<number, number>();
  #relinearization = false;
  #bootstrap = false;
  #disposed = false;

  private static holders = 0;

  constructor(
    addon: OpenFheAddon,
    engine: NativeEngine,
    bootstrapTables: BootstrapTables,
    keyFiles: KeyFiles,
    index: KeyIndex,
    fits: KeyBudget,
  ) {
    this.holder = `${index.keyTag}/${++LoadedKeys.holders}`;
    this.#addon = addon;
    this.#engine = engine;
    this.#bootstrapTables = bootstrapTables;
    this.#keyFiles = keyFiles;
    this.#index = index;
    this.#fits = fits;
    this.#read = (file, level) =>
      addon.readAutomorphismKeys(engine.handle, keyFiles.handleOf(file), index.keyTag, this.holder, level);
    this.#ahead = new KeysAhead(addon, this.#read);
  }

  get keyTag(): string {
    return this.#index.keyTag;
  }

  /**
   * Drops what the stage does not need before it reads what is missing, and begins to read what `next` will be missing,
   * as far as that fits the memory. Throws ERR_KEY_MISSING naming stage and key.
   */
  async enter(stage: string, keys: KeyRequirements, next?: StageKeys): Promise<void> {
    if (keys.conjugation) {
      throw new FheError('ERR_PROFILE', `stage ${stage}: the openfhe engine has no conjugation keys`);
    }
    const wanted = this.#wantedFiles(stage, keys);
    await this.#drop((file) => (this.#files.get(file) ?? 0) >= (wanted.get(file) ?? Number.POSITIVE_INFINITY));
    if (!keys.bootstrap && this.#bootstrap) {
      this.#bootstrap = false;
      await this.#bootstrapTables.release();
    }
    if ((keys.relinearization || keys.bootstrap) && !this.#relinearization) {
      const file = this.#keyFiles.handleOf(this.#index.relinearization);
      const { keyTag, holder } = this;
      await settled(`stage ${stage}`, this.#addon.loadRelinearizationKey(this.#engine.handle, file, keyTag, holder));
      this.#relinearization = true;
    }
    for (const file of this.#index.automorphismFiles) {
      const level = wanted.get(file.file);
      if (level !== undefined && !this.#files.has(file.file)) {
        await settled(`stage ${stage}`, this.#load(file, level));
      }
    }
    this.#ahead.discard();
    if (keys.bootstrap && !this.#bootstrap) {
      await this.#bootstrapTables.acquire();
      this.#bootstrap = true;
    }
    if (next !== undefined && !next.keys.conjugation) {
      this.#readAhead(next, keys.level);
    }
  }

  /** Throws ERR_KEY_MISSING for the first nonzero rotation without a key in memory that serves the level. */
  requireRotations(rotations: readonly number[], level: number, subject: string): void {
    const found = this.#addon.rotationAutomorphisms(this.#engine.handle, Int32Array.from(rotations));
    const served = (index: number): boolean => (this.#automorphisms.get(found[index]!) ?? -1) >= level;
    const missing = rotations.find((rotation, index) => rotation !== 0 && !served(index));
    if (missing !== undefined) {
      throw new FheError(
        'ERR_KEY_MISSING',
        `${subject}: no key for the rotation by ${missing} at level ${level} in this stage`,
      );
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
    this.#ahead.discard();
    this.#keyFiles.dispose();
    void this.#addon.forgetKeys(this.holder);
    if (this.#bootstrap) {
      this.#bootstrap = false;
      void this.#bootstrapTables.release();
    }
  }

  async #load(file: AutomorphismFile, level: number): Promise<void> {
    const read = (await this.#ahead.take(file.file, level)) ?? { keys: await this.#read(file.file, level), level };
    try {
      await this.#addon.holdAutomorphismKeys(read.keys, this.holder);
    } finally {
      this.#addon.dispose(read.keys);
    }
    this.#files.set(file.file, read.level);
    for (const automorphism of file.automorphisms) {
      this.#automorphisms.set(automorphism, read.level);
    }
  }

  /** `level`: of the stage that computes meanwhile. */
  #readAhead(next: StageKeys, level: number): void {
    const wanted = this.#wantedFiles(next.name, next.keys);
    let bytes = this.#heldBytes();
    for (const file of this.#index.automorphismFiles) {
      const needed = wanted.get(file.file);
      if (needed === undefined || (this.#files.get(file.file) ?? -1) >= needed) {
        continue;
      }
      bytes += this.#bytesOf(file, needed);
      if (!this.#fits(bytes, level)) {
        return;
      }
      this.#ahead.start(file.file, needed);
    }
  }

  #heldBytes(): number {
    const relinearization = this.#relinearization ? this.#addon.keyBytes(this.#engine.handle, this.#engine.depth) : 0;
    return this.#index.automorphismFiles.reduce((sum, file) => {
      const level = this.#files.get(file.file);
      return level === undefined ? sum : sum + this.#bytesOf(file, level);
    }, relinearization);
  }

  #bytesOf(file: AutomorphismFile, level: number): number {
    return file.automorphisms.length * this.#addon.keyBytes(this.#engine.handle, level);
  }

  /** The files that the stage reads, and the level that their keys must serve. */
  #wantedFiles(stage: string, keys: KeyRequirements): Map<string, number> {
    const { handle } = this.#engine;
    const fileOf = new Map(
      this.#index.automorphismFiles.flatMap((file) => file.automorphisms.map((automorphism) => [automorphism, file])),
    );
    const wanted = new Map<string, number>();
    const want = (automorphism: number, level: number, text: string): void => {
      const file = fileOf.get(automorphism);
      if (file === undefined || file.level < level) {
        throw new FheError('ERR_KEY_MISSING', `stage ${stage}: no ${text} at level ${level}`);
      }
      wanted.set(file.file, Math.max(level, wanted.get(file.file) ?? 0));
    };
    const rotations = this.#addon.rotationAutomorphisms(handle, Int32Array.from(keys.rotations));
    keys.rotations.forEach((rotation, index) => {
      want(rotations[index]!, keys.level, `key for the rotation by ${rotation}`);
    });
    for (const { automorphism, level } of keys.bootstrap ? bootstrapAutomorphisms(this.#addon, this.#engine) : []) {
      want(automorphism, level, 'bootstrap keys');
    }
    return wanted;
  }

  /** OpenFHE has no way to replace a key: what is to be read again is dropped first. */
  async #drop(keep: (file: string) => boolean): Promise<void> {
    const dropped = new Set([...this.#files.keys()].filter((file) => !keep(file)));
    if (dropped.size === 0) {
      return;
    }
    for (const { file, automorphisms } of this.#index.automorphismFiles) {
      if (dropped.has(file)) {
        this.#files.delete(file);
        for (const automorphism of automorphisms) {
          this.#automorphisms.delete(automorphism);
        }
      }
    }
    await this.#addon.keepAutomorphismKeys(this.holder, Int32Array.from(this.#automorphisms.keys()));
  }
}
