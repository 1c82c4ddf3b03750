import { FheError, type FheErrorCode } from '../../errors.js';
import type { KeyFolder } from '../../store/key-set.js';
import { withMending } from '../../store/listed-file.js';
import { loadAddonFile } from '../addon.js';
import type { OpenFheAddon } from './binding.js';

let loaded: OpenFheAddon | undefined;

/** Loads openfhe.node once. Throws ERR_ENGINE_UNAVAILABLE when it is not built or can't be loaded on this machine. */
export function loadAddon(): OpenFheAddon {
  if (loaded === undefined) {
    // Read by OpenMP when it is loaded. Threads that spin while they wait take other processes' processor, and on a busy
    // machine each other's: a bootstrap at N = 2^12 then takes up to ten times as long.
    process.env.OMP_WAIT_POLICY ??= 'passive';
    loaded = loadAddonFile('openfhe') as OpenFheAddon;
  }
  return loaded;
}

/** Turns what the addon throws into FheError, with the layer or file that it happened to in front. */
export function nativeError(error: unknown, subject: string): FheError {
  if (error instanceof FheError) {
    return error;
  }
  const { code, message, cause } = error as Error & { readonly code?: FheErrorCode };
  return new FheError(code ?? 'ERR_NATIVE', `${subject}: ${message}`, { cause: cause ?? error });
}

/** Awaits a native promise that opens keys of a side; the error says what to do about them. */
export async function openingKeys<T>(keys: KeyFolder, subject: string, task: Promise<T>): Promise<T> {
  try {
    return await settled(subject, task);
  } catch (error) {
    throw withMending(error, keys);
  }
}

/** Awaits a native promise; failures become FheError. */
export async function settled<T>(subject: string, task: Promise<T>): Promise<T> {
  try {
    return await task;
  } catch (error) {
    throw nativeError(error, subject);
  }
}
