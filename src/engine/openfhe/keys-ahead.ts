import type { AutomorphismKeysHandle, OpenFheAddon } from './binding.js';

/** Reads the keys of one file for use up to a level. */
export type KeyReader = (file: string, level: number) => Promise<AutomorphismKeysHandle>;

interface Reading {
  readonly level: number;
  readonly keys: Promise<AutomorphismKeysHandle>;
}

/** Key files that are read before their stage is entered, while the one before computes. */
export class KeysAhead {
  readonly #addon: OpenFheAddon;
  readonly #read: KeyReader;
  readonly #readings = new Map<string, Reading>();

  constructor(addon: OpenFheAddon, read: KeyReader) {
    this.#addon = addon;
    this.#read = read;
  }

  /** A failure to read is kept for `take`. */
  start(file: string, level: number): void {
    const keys = this.#read(file, level);
    keys.catch(() => undefined);
    this.#readings.set(file, { level, keys });
  }

  /** The keys that were read ahead, and the level that they serve; undefined where none reach `level`. */
  async take(
    file: string,
    level: number,
  ): Promise<{ readonly keys: AutomorphismKeysHandle; readonly level: number } | undefined> {
    const reading = this.#readings.get(file);
    if (reading === undefined || reading.level < level) {
      return undefined;
    }
    this.#readings.delete(file);
    return { keys: await reading.keys, level: reading.level };
  }

  /** Lets go of what nobody took, as soon as it is read. */
  discard(): void {
    for (const { keys } of this.#readings.values()) {
      keys.then(
        (handle) => this.#addon.dispose(handle),
        () => undefined,
      );
    }
    this.#readings.clear();
  }
}
