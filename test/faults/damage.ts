import { copyFile, open, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';

export const damageKinds = ['bit flip', 'truncation', 'swap', 'replacement'] as const;
export type DamageKind = (typeof damageKinds)[number];

export interface Damage {
  readonly kind: DamageKind;
  /** From 0 to 1: where in the file. */
  readonly place: number;
  readonly file: string;
  /** What a swap puts here, and the other way round. */
  readonly neighbour: string;
  /** What a replacement puts here: the file of the same name of others' keys. */
  readonly foreign: string;
}

/** Damages a file in place, but for replacements and swaps, which rename another over it. */
export async function applyDamage({ kind, place, file, neighbour, foreign }: Damage): Promise<void> {
  switch (kind) {
    case 'bit flip':
      await flipBit(file, place);
      return;
    case 'truncation':
      await truncate(file, Math.floor(place * (await readFile(file)).length));
      return;
    case 'swap':
      await copyFile(file, `${file}.swap`);
      await rename(neighbour, file);
      await rename(`${file}.swap`, neighbour);
      return;
    case 'replacement':
      await copyFile(foreign, `${file}.swap`);
      await rename(`${file}.swap`, file);
  }
}

async function flipBit(file: string, place: number): Promise<void> {
  await using handle = await open(file, 'r+');
  const { size } = await handle.stat();
  const bit = Math.floor(8 * size * place);
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, bit >> 3);
  byte[0]! ^= 1 << (bit & 7);
  await handle.write(byte, 0, 1, bit >> 3);
}

/** Keeps files as they are, to put them back, each as a new file: one that is still open is not written to. */
export class Originals {
  readonly #files = new Map<string, { readonly bytes: Buffer; readonly mode: number }>();

  async keep(path: string): Promise<void> {
    await using handle = await open(path);
    this.#files.set(path, { bytes: await readFile(path), mode: (await handle.stat()).mode & 0o777 });
  }

  async restore(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const original = this.#files.get(path);
      if (original !== undefined) {
        await rm(path, { force: true });
        await writeFile(path, original.bytes, { mode: original.mode });
      }
    }
  }
}
