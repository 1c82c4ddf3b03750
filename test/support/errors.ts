import { FheError, type FheErrorCode } from '../../src/errors.js';

/** The FheError that a call throws or rejects with; fails when there is none, or another error. */
export async function thrownBy(call: () => unknown): Promise<FheError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof FheError) {
      return error;
    }
    throw error;
  }
  throw new Error('expected an FheError, nothing was thrown');
}

/** Code and message together, for one assertion. */
export async function describeError(call: () => unknown): Promise<`${FheErrorCode} ${string}`> {
  const { code, message } = await thrownBy(call);
  return `${code} ${message}`;
}
