/** Stable codes: programs may switch on them; messages may change. */
export type FheErrorCode =
  | 'ERR_USAGE'
  | 'ERR_KEY_MISSING'
  | 'ERR_KEY_MISMATCH'
  | 'ERR_KEY_VERSION'
  | 'ERR_KEY_CORRUPT'
  | 'ERR_CIPHERTEXT'
  | 'ERR_IMAGE_SHAPE'
  | 'ERR_IMAGE_DECODE'
  | 'ERR_DATA'
  | 'ERR_WEIGHTS'
  | 'ERR_NETWORK'
  | 'ERR_PROFILE'
  | 'ERR_LEVEL_EXHAUSTED'
  | 'ERR_RANGE'
  | 'ERR_DISK_FULL'
  | 'ERR_MEMORY_BUDGET'
  | 'ERR_DISPOSED'
  | 'ERR_CANCELLED'
  | 'ERR_ENGINE_UNAVAILABLE'
  | 'ERR_FILE'
  | 'ERR_NATIVE';

/**
 * The one error class of the program. The message names the file, layer or option, what was expected and what was
 * found, and where there is one the command that mends it; library texts and native locations belong in `cause`.
 */
export class FheError extends Error {
  readonly code: FheErrorCode;

  constructor(code: FheErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'FheError';
    this.code = code;
  }
}
