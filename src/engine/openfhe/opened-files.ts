import { FheError } from '../../errors.js';
import type { StoreOptions } from '../../store/hash.js';
import type { KeyFolder } from '../../store/key-set.js';
import { listedFile } from '../../store/listed-file.js';
import type { KeyFileHandle, OpenFheAddon } from './binding.js';
import type { KeyIndex } from './key-index.js';
import { openingKeys } from './load-addon.js';

/** Files of evaluation keys that can be read, by name. */
export interface KeyFiles {
  handleOf(name: string): KeyFileHandle;
  /** What reads a file at the moment keeps it open to its end. */
  dispose(): void;
}

/** Hashed once, and open for as long as keys are read from them. */
export class OpenedFiles implements KeyFiles {
  readonly #addon: OpenFheAddon;
  readonly #handles = new Map<string, KeyFileHandle>();

  private constructor(addon: OpenFheAddon) {
    this.#addon = addon;
  }

  /** Opens the files that the index names. Throws ERR_KEY_MISSING, ERR_KEY_CORRUPT, ERR_CANCELLED. */
  static async open(
    addon: OpenFheAddon,
    keys: KeyFolder,
    index: KeyIndex,
    options: StoreOptions,
  ): Promise<OpenedFiles> {
    const files = new OpenedFiles(addon);
    const names = [index.relinearization, ...index.automorphismFiles.map(({ file }) => file)];
    const listed = new Map(names.map((name) => [name, listedFile(keys, name)]));
    const total = [...listed.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    try {
      for (const [name, { path, bytes, sha256 }] of listed) {
        if (options.signal?.aborted === true) {
          throw new FheError('ERR_CANCELLED', `reading ${path} was interrupted`);
        }
        files.#handles.set(name, await openingKeys(keys, 'evaluation keys', addon.openKeyFile(path, sha256)));
        done += bytes;
        options.progress?.({ text: 'verifying evaluation keys', done, total });
      }
      return files;
    } catch (error) {
      files.dispose();
      throw error;
    }
  }

  handleOf(name: string): KeyFileHandle {
    const handle = this.#handles.get(name);
    if (handle === undefined) {
      throw new FheError('ERR_DISPOSED', `${name}: the evaluation keys are disposed`);
    }
    return handle;
  }

  dispose(): void {
    for (const handle of this.#handles.values()) {
      this.#addon.dispose(handle);
    }
    this.#handles.clear();
  }
}
