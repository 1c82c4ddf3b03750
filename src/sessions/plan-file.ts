import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from '../catalogue/profile.js';
import { FheError } from '../errors.js';
import { readInputFile } from '../input-file.js';
import type { NetworkDescription } from '../network/folder/description.js';
import { readNetworkDescription } from '../network/folder/read.js';
import { type Plan, parametersHash, planFormat, planHash } from '../planning/plan.js';
import { shellQuoted } from '../shell-quote.js';
import { writeFileAtomically } from '../store/atomic-file.js';

/** Beside `network.json`: the deployment that was planned for the network, without what belongs to its weights. */
export const planFile = 'plan.json';

const maximumPlanBytes = 2 ** 26;

/** Writes `<folder>/plan.json`. Throws ERR_FILE or ERR_DISK_FULL. */
export async function writePlanFile(folder: string, deployment: Deployment): Promise<string> {
  const file = join(folder, planFile);
  await writeFileAtomically(file, [Buffer.from(`${JSON.stringify(deployment)}\n`)]);
  return file;
}

/**
 * The plan in a network's folder, with classes, bounds and normalisation of the network as it is. Throws ERR_FILE where
 * there is none, ERR_PROFILE where it is damaged or of another format, and what reading the description throws.
 */
export async function readPlanFile(folder: string): Promise<Deployment> {
  const file = join(folder, planFile);
  if (!existsSync(file)) {
    throw new FheError('ERR_FILE', `${file}: no such file; run resnet20-fhe plan ${shellQuoted(folder)}`);
  }
  const bytes = await readInputFile(file, { expected: 'the plan of a network', maximumBytes: maximumPlanBytes });
  const deployment = parseDeployment(parseJson(bytes.toString('utf8'), file), file);
  return withEncodings(deployment, await readNetworkDescription(folder));
}

/** Checks parameters and plan against their hashes. Throws ERR_PROFILE, naming where they are from. */
export function parseDeployment(json: unknown, from: string): Deployment {
  try {
    const { profile, plan } = json as Deployment;
    const { name, description, network, parameters } = profile;
    const texts = [name, description, network, plan.name].every((text) => typeof text === 'string');
    const intact =
      plan.format === planFormat && plan.parametersHash === parametersHash(parameters) && plan.hash === planHash(plan);
    if (texts && intact) {
      return { profile: { name, description, network, parameters }, plan };
    }
  } catch (cause) {
    // Fields that are absent, and nesting that has no text to be hashed.
    if (!(cause instanceof TypeError || cause instanceof RangeError)) {
      throw cause;
    }
  }
  throw new FheError(
    'ERR_PROFILE',
    `${from}: no plan of format ${planFormat}, or an altered one; make it again: resnet20-fhe plan DIR`,
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FheError('ERR_PROFILE', `${file}: not JSON; make it again: resnet20-fhe plan DIR`, { cause });
  }
}

function withEncodings({ profile, plan }: Deployment, { inputs, outputs }: NetworkDescription): Deployment {
  const [input] = inputs;
  const [output] = outputs;
  if (input === undefined || output === undefined) {
    return { profile, plan };
  }
  const { mean, deviation } = input;
  const { name: _, ...encoding } = output;
  const encoded: Plan = {
    ...plan,
    input: { ...plan.input, encoding: { ...plan.input.encoding, mean, deviation } },
    output: { ...plan.output, encoding },
  };
  return { profile, plan: encoded };
}
