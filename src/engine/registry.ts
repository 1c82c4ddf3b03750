import { existsSync } from 'node:fs';
import { FheError } from '../errors.js';
import type { EngineName, Profile } from '../scheme/parameters.js';
import { addonPath } from './addon-path.js';
import type { Engine } from './engine.js';

/** An engine opened for one profile, with what key sets record of it. */
export interface OpenedEngine {
  readonly engine: Engine;
  /** Version of the library and of its key format. */
  readonly libraryVersion: string;
}

interface RegisteredEngine {
  readonly description: string;
  /** The compiled addon; undefined for an engine that needs none. */
  readonly addon: string | undefined;
  /** Imports the engine's code, which fails where its addon is missing. */
  readonly open: (profile: Profile) => Promise<OpenedEngine>;
}

const engines: Readonly<Record<EngineName, RegisteredEngine>> = {
  ckks: {
    description: "this project's CKKS library",
    addon: addonPath('ckks'),
    open: async (profile) => {
      const { ckksLibraryVersion, openCkksEngine } = await import('./ckks/engine.js');
      return { engine: await openCkksEngine(profile), libraryVersion: ckksLibraryVersion };
    },
  },
  openfhe: {
    description: 'OpenFHE',
    addon: addonPath('openfhe'),
    open: async (profile) => {
      const { openFheLibraryVersion, openOpenFheEngine } = await import('./openfhe/engine.js');
      return { engine: await openOpenFheEngine(profile), libraryVersion: openFheLibraryVersion() };
    },
  },
  simulator: {
    description: 'plain numbers, encrypts nothing',
    addon: undefined,
    open: async (profile) => {
      const { openSimulator } = await import('./simulator/simulator.js');
      return { engine: openSimulator(profile), libraryVersion: 'simulator 1' };
    },
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
    const available = addon === undefined || existsSync(addon);
    return { name, description, available, command: available ? undefined : buildCommand(name) };
  });
}

/** Opens an engine for a profile's parameters. Throws ERR_ENGINE_UNAVAILABLE naming the command that adds it. */
export async function openEngine(name: EngineName, profile: Profile): Promise<OpenedEngine> {
  const { addon, open } = engines[name];
  if (addon !== undefined && !existsSync(addon)) {
    throw new FheError(
      'ERR_ENGINE_UNAVAILABLE',
      `the engine ${name}, which ${profile.name} needs, is not built on this machine; run ${buildCommand(name)}`,
    );
  }
  return open(profile);
}

function buildCommand(name: EngineName): string {
  return `resnet20-fhe build ${name}`;
}
