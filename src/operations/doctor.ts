import os from 'node:os';
import { defaultProfileName } from '../catalogue/profiles.js';
import { engineStatus, loadEngine } from '../engine/registry.js';
import { predictPeakMemory } from '../planning/predict.js';
import { keySetBytes } from '../sessions/deployment.js';
import { findKeys } from '../sessions/keys.js';
import { freeDisk, memoryOfMachine, processorFeatures, toolVersion } from '../sessions/machine.js';
import { machineRates } from '../sessions/machine-rates.js';
import { CircuitSource, loadModel } from '../sessions/model.js';
import { openedFolders, openKeySides } from '../store/key-set.js';
import { keysDirectory } from '../store/locations.js';
import { anySideOf } from './key-set-summary.js';

export interface Check {
  /** `missing` names something that a user may want to add; `problem` keeps the default profile from running. */
  readonly state: 'ok' | 'missing' | 'problem';
  readonly subject: string;
  /** What was found and, where something is to be done, the command that does it. */
  readonly finding: string;
}

export interface DoctorReport {
  readonly checks: readonly Check[];
}

/** Looks at the machine, the engines and the keys. Throws only what loading the default profile throws. */
export async function doctor(): Promise<DoctorReport> {
  return {
    checks: [
      checkSystem(),
      checkProcessor(),
      await checkPredictions(),
      ...(await checkTools()),
      ...(await checkEngines()),
      ...(await checkCapacity()),
      await checkKeys(),
    ],
  };
}

function checkSystem(): Check {
  const system = `${os.type()} ${os.arch()}, Node ${process.versions.node}`;
  const tested = process.platform === 'linux' && process.arch === 'x64';
  return { state: 'ok', subject: 'system', finding: tested ? system : `${system}; tested on Linux x64 only` };
}

function checkProcessor(): Check {
  const features = processorFeatures();
  const cores = `${os.availableParallelism()} cores, ${os.cpus()[0]?.model.trim() ?? 'unknown'}`;
  return {
    state: 'ok',
    subject: 'processor',
    finding: `${cores} (${features.join(' ') || 'no vector extensions found'})`,
  };
}

async function checkPredictions(): Promise<Check> {
  const { machine } = (await machineRates('ckks')).ckks;
  return { state: 'ok', subject: 'predictions', finding: `times are for ${machine}` };
}

async function checkTools(): Promise<Check[]> {
  const tools = [
    { subject: 'compiler', tool: process.env.CXX ?? 'c++' },
    { subject: 'cmake', tool: 'cmake' },
  ];
  return Promise.all(
    tools.map(async ({ subject, tool }): Promise<Check> => {
      const version = await toolVersion(tool);
      return version === undefined
        ? { state: 'missing', subject, finding: `no ${tool} found; install one to build an engine` }
        : { state: 'ok', subject, finding: version };
    }),
  );
}

function checkEngines(): Promise<Check[]> {
  return Promise.all(
    engineStatus().map(async ({ name, description, available, command }): Promise<Check> => {
      const subject = `engine ${name}`;
      if (!available) {
        return { state: 'missing', subject, finding: `${description}, not built; run ${command}` };
      }
      try {
        await loadEngine(name);
        return { state: 'ok', subject, finding: description };
      } catch (error) {
        return { state: 'problem', subject, finding: (error as Error).message };
      }
    }),
  );
}

async function checkCapacity(): Promise<Check[]> {
  const model = await loadModel({ profile: defaultProfileName });
  const peakMemoryBytes = predictPeakMemory(new CircuitSource(model).circuitFor(1), model.profile.parameters);
  const folder = keysDirectory();
  return [
    compareCapacity('memory', memoryOfMachine(), peakMemoryBytes),
    compareCapacity(`disk at ${folder}`, await freeDisk(folder), keySetBytes(model)),
  ];
}

function compareCapacity(subject: string, found: number, needed: number): Check {
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  return {
    state: found >= needed ? 'ok' : 'problem',
    subject,
    finding: `${gigabytes(found)}, ${defaultProfileName} needs ${gigabytes(needed)}`,
  };
}

async function checkKeys(): Promise<Check> {
  try {
    const folder = await findKeys();
    const sides = await openKeySides(folder);
    const present = openedFolders(sides).map(({ manifest }) => manifest.side);
    const finding = `${anySideOf(sides).manifest.profile} in ${folder}: ${present.join(', ')}`;
    return { state: 'ok', subject: 'current keys', finding };
  } catch (error) {
    return {
      state: 'missing',
      subject: 'current keys',
      finding: error instanceof Error ? error.message : String(error),
    };
  }
}
