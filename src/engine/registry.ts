import { existsSync } from 'node:fs';
import { FheError } from '../errors.js';
import type { EngineName, Parameters } from '../scheme/parameters.js';
import { buildCommand } from './addon.js';
import { type AddonName, addonPath } from './addon-path.js';
import type { Engine } from './engine.js';

/** An engine opened for parameters, with what key sets record of it. */
export interface OpenedEngine {
  readonly engine: Engine;
  /** Version of the library and of its key format. */
  readonly libraryVersion: string;
}

interface RegisteredEngine {
  readonly description: string;
  /** The compiled addon, which `load` loads; undefined for an engine that needs none. */
  readonly addon: { readonly name: AddonName; readonly load: () => Promise<unknown> } | undefined;
}

const engines: Readonly<Record<EngineName, RegisteredEngine>> = {
  ckks: {
    description: "this project's CKKS library",
    addon: { name: 'ckks', load: async () => (await import('./ckks/binding.js')).loadBinding() },
  },
  openfhe: {
    description: 'OpenFHE',
    addon: { name: 'openfhe', load: async () => (await import('./openfhe/load-addon.js')).loadAddon() },
  },
  simulator: {
    description: 'plain numbers, encrypts nothing',
    addon: undefined,
  },
};

export interface EngineStatus {
  readonly name: EngineName;
  readonly description: string;
  readonly available: boolean;
  /** The one command that adds the engine. */
  readonly command: string | undefined;
}

/** Every engine, and whether it can be opened on this machine. */
export function engineStatus(): EngineStatus[] {
  return (Object.keys(engines) as EngineName[]).map((name) => {
    const { description, addon } = engines[name];
    const available = addon === undefined || existsSync(addonPath(addon.name));
    return { name, description, available, command: available ? undefined : buildCommand(addon.name) };
  });
}

/** Loads an engine's addon. Throws ERR_ENGINE_UNAVAILABLE, with what mends it, when it is not there or can't be loaded. */
export async function loadEngine(name: EngineName): Promise<void> {
  await engines[name].addon?.load();
}

/** Opens the engine that parameters are for. Throws ERR_ENGINE_UNAVAILABLE naming the command that adds it. */
export async function openEngine(parameters: Parameters): Promise<OpenedEngine> {
  const { addon } = engines[parameters.engine];
  if (addon !== undefined && !existsSync(addonPath(addon.name))) {
    throw new FheError(
      'ERR_ENGINE_UNAVAILABLE',
      `the engine ${parameters.engine} is needed and is not built on this machine; run ${buildCommand(addon.name)}`,
    );
  }
  // An engine's code is imported with its addon: it fails where the addon is missing.
  if (parameters.engine === 'ckks') {
    const { ckksLibraryVersion, openCkksEngine } = await import('./ckks/engine.js');
    return { engine: await openCkksEngine(parameters), libraryVersion: ckksLibraryVersion };
  }
  const { openFheLibraryVersion, openOpenFheEngine } = await import('./openfhe/engine.js');
  return { engine: await openOpenFheEngine(parameters), libraryVersion: openFheLibraryVersion() };
}
