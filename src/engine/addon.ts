import { createRequire } from 'node:module';
import { FheError } from '../errors.js';
import { type AddonName, addonPath } from './addon-path.js';

/** The command that adds an engine. */
export function buildCommand(name: AddonName): string {
  return `resnet20-fhe build ${name}`;
}

/** Loads an addon. Throws ERR_ENGINE_UNAVAILABLE, with what mends it, when the system refuses to. */
export function loadAddonFile(name: AddonName): unknown {
  const path = addonPath(name);
  try {
    return createRequire(import.meta.url)(path);
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0]!;
    throw new FheError(
      'ERR_ENGINE_UNAVAILABLE',
      `the engine ${name} can't be loaded: ${describeRefusal(name, path, reason)}`,
      {
        cause,
      },
    );
  }
}

/** `reason`: of the dynamic linker, which names the file itself. */
function describeRefusal(name: AddonName, path: string, reason: string): string {
  if (reason.startsWith('Cannot find module')) {
    return `it is not built on this machine; run ${buildCommand(name)}`;
  }
  const text = reason.includes(path) ? reason : `${path}: ${reason}`;
  if (/failed to map segment|operation not permitted/i.test(reason)) {
    return `${text}; its disk is mounted without the right to execute (noexec): mount it with it, or install on another one`;
  }
  if (/permission denied/i.test(reason)) {
    return `${text}; the file or a folder above it may not be read by this user`;
  }
  return `${text}; build it on this machine: ${buildCommand(name)}`;
}
