/** What a key file holds. */
export type KeyKind =
  | 'secret'
  | 'public'
  | 'relinearization'
  | 'conjugation'
  | 'rotation'
  | 'bootstrap'
  | 'ring-switch'
  | 'context';

/** A file that key generation wrote, relative to the key set's folder. */
export interface KeyFile {
  /** `secret/NAME`, `public/NAME` or `evaluation/NAME`. */
  readonly path: string;
  readonly kind: KeyKind;
  /** For rotation keys: the rotations that the file holds. */
  readonly rotations?: readonly number[] | undefined;
  /** Names of the stages that read the file; absent means every stage. */
  readonly stages?: readonly string[] | undefined;
  /** Hexadecimal. Given for secret files, whose bytes are for who wrote them alone; of others the store makes it. */
  readonly sha256?: string | undefined;
}
