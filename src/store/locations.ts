import { existsSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FheError } from '../errors.js';
import { shellQuoted } from '../shell-quote.js';
import { writeFileAtomically } from './atomic-file.js';
import { readError } from './file-error.js';
import { removeLeftovers } from './leftovers.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder that holds a key set per profile: RESNET20_FHE_KEYS, else `keys/` of a checkout (an installed package has
 * none), else `$XDG_DATA_HOME/resnet20-fhe/keys`.
 */
export function keysDirectory(environment: Environment = process.env): string {
  const named = environment.RESNET20_FHE_KEYS;
  if (named !== undefined && named !== '') {
    return resolve(named);
  }
  const checkout = fileURLToPath(new URL('../../keys', import.meta.url));
  if (existsSync(checkout)) {
    return checkout;
  }
  return join(baseDirectory(environment, 'XDG_DATA_HOME', ['.local', 'share']), 'resnet20-fhe', 'keys');
}

/** The folder for what can be made again: `$XDG_CACHE_HOME/resnet20-fhe`. */
export function cacheDirectory(environment: Environment = process.env): string {
  return join(baseDirectory(environment, 'XDG_CACHE_HOME', ['.cache']), 'resnet20-fhe');
}

/**
 * What the variable names, else the folder in the user's own. Relative paths in
 * XDG variables are ignored (XDG Base Directory Specification).
 */
function baseDirectory(environment: Environment, variable: string, inHome: readonly string[]): string {
  const named = environment[variable];
  return named?.startsWith('/') === true ? named : join(environment.HOME ?? homedir(), ...inHome);
}

const currentName = 'current';

/** Absolute folder of the set that was made current, whether or not it is there; undefined when none was. */
export async function readCurrent(directory: string): Promise<string | undefined> {
  const path = join(directory, currentName);
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') {
      throw readError(cause, path);
    }
    return '';
  });
  if (text.trim() === '') {
    return undefined;
  }
  return resolve(directory, text.trim());
}

/** Makes a key set the current one; inside the directory it is noted by name, so that the directory can be moved. */
export async function setCurrent(directory: string, setFolder: string): Promise<void> {
  const folder = resolve(setFolder);
  const inside = folder.startsWith(resolve(directory) + sep);
  await mkdir(directory, { recursive: true });
  const text = inside ? relative(directory, folder) : folder;
  await writeFileAtomically(join(directory, currentName), [Buffer.from(`${text}\n`)]);
}

export interface FindKeySetOptions {
  /** A profile's name or a set's folder. */
  readonly named?: string | undefined;
  readonly defaultProfile: string;
  /** Names that may stand for a set which is not there yet. */
  readonly profiles: readonly string[];
  /** Arguments of `generate-keys` that make the named set, where it is no profile's. */
  readonly making?: string | undefined;
  readonly environment?: Environment | undefined;
}

/**
 * Folder of the key set to use: the named one, else the current one, else the default profile's; never another than the
 * one that was meant. Throws ERR_KEY_MISSING with what to do (it is not there, or was made current and is gone), or ERR_PROFILE for a name that is no set's and no profile's.
 */
export async function findKeySet(options: FindKeySetOptions): Promise<string> {
  const directory = keysDirectory(options.environment ?? process.env);
  if (options.named !== undefined) {
    return findNamed(directory, options.named, options);
  }
  const current = await readCurrent(directory);
  if (current !== undefined) {
    await removeLeftovers(current);
    return (await isFolder(current)) ? current : refuseGone(current);
  }
  const fallback = join(directory, options.defaultProfile);
  await removeLeftovers(fallback);
  if (!(await isFolder(fallback))) {
    throw new FheError(
      'ERR_KEY_MISSING',
      `${directory}: no keys yet; run resnet20-fhe generate-keys ${options.defaultProfile}`,
    );
  }
  return fallback;
}

function refuseGone(current: string): never {
  throw new FheError(
    'ERR_KEY_MISSING',
    `${current}: the current key set is gone; bring its folder back (is its disk mounted?), name another set with --keys, ` +
      'or make one the current one with resnet20-fhe load-keys or generate-keys',
  );
}

async function findNamed(directory: string, named: string, { profiles, making }: FindKeySetOptions): Promise<string> {
  const isName = !named.includes(sep) && named !== '.' && named !== '..';
  const inDirectory = join(directory, named);
  await removeLeftovers(isName ? inDirectory : resolve(named));
  if (isName && (await isFolder(inDirectory))) {
    return inDirectory;
  }
  // The name of a network is no folder's: it often is that of the network's own folder.
  if (making === undefined && (await isFolder(resolve(named)))) {
    return resolve(named);
  }
  if (making === undefined && existsSync(resolve(named))) {
    throw new FheError('ERR_KEY_MISSING', `${resolve(named)}: expected the folder of a key set, found a file`);
  }
  if (isName && making === undefined && !profiles.includes(named)) {
    throw new FheError(
      'ERR_PROFILE',
      `no profile ${named}, and no key set of this name in ${directory}; there are ${profiles.join(', ')}`,
    );
  }
  throw new FheError(
    'ERR_KEY_MISSING',
    isName
      ? `${inDirectory}: no such key set; run resnet20-fhe generate-keys ${making ?? shellQuoted(named)}`
      : `${resolve(named)}: no such folder; run resnet20-fhe generate-keys --out ${shellQuoted(named)}`,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
