import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FheError } from '../errors.js';
import { shown, shownJson } from '../shown-text.js';
import { writeFileAtomically } from './atomic-file.js';
import { readError } from './file-error.js';
import { mending } from './mending.js';

/** What a key set was made by and for. */
export interface KeySetIdentity {
  /** Version of this program. */
  readonly program: string;
  readonly profile: string;
  readonly planHash: string;
  readonly engine: string;
  /** Version of the engine's library and of its key format. */
  readonly libraryVersion: string;
  /** What clients need of a deployment that does not come with the program; `sessions` knows its form. */
  readonly deployment?: object | undefined;
}

/** The folders of a key set: what stays with its owner, what others may encrypt with, what others may compute with. */
export const keySides = ['secret', 'public', 'evaluation'] as const;
export type KeySide = (typeof keySides)[number];

export interface ManifestFile {
  /** Name within the manifest's folder. */
  readonly path: string;
  readonly kind: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly rotations?: readonly number[] | undefined;
  readonly stages?: readonly string[] | undefined;
}

/** `manifest.json` in each of `<set>/secret`, `<set>/public` and `<set>/evaluation`. */
export interface Manifest extends KeySetIdentity {
  readonly format: typeof manifestFormat;
  readonly side: KeySide;
  /** Random, hexadecimal, the same on all sides of a set. */
  readonly keySetId: string;
  readonly files: readonly ManifestFile[];
}

export const manifestFormat = 1;
export const manifestName = 'manifest.json';
const maximumManifestBytes = 2 ** 24;

export async function writeManifest(folder: string, manifest: Manifest, mode: number): Promise<void> {
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  await writeFileAtomically(join(folder, manifestName), [Buffer.from(text)], mode);
}

/**
 * Reads and checks a folder's manifest, which must be that of `side` where this is given. Throws ERR_KEY_MISSING (no
 * manifest), ERR_KEY_VERSION (another format) or ERR_KEY_CORRUPT (not a manifest, or another side's).
 */
export async function readManifest(folder: string, side?: KeySide): Promise<Manifest> {
  const path = join(folder, manifestName);
  const json = parseJson(await readManifestFile(path), path);
  const { format } = json;
  if (format !== manifestFormat) {
    throw new FheError(
      'ERR_KEY_VERSION',
      `${path}: key sets of format ${manifestFormat} are read, found format ${shownJson(format)}; ` +
        mending(folder, typeof json.profile === 'string' ? { profile: json.profile } : undefined),
    );
  }
  const manifest: Manifest = {
    format: manifestFormat,
    side: textField(json, 'side', path) as KeySide,
    program: textField(json, 'program', path),
    profile: textField(json, 'profile', path),
    planHash: textField(json, 'planHash', path),
    engine: textField(json, 'engine', path),
    libraryVersion: textField(json, 'libraryVersion', path),
    keySetId: textField(json, 'keySetId', path),
    files: parseFiles(json.files, path),
    ...(typeof json.deployment === 'object' && json.deployment !== null ? { deployment: json.deployment } : {}),
  };
  const allowed = side === undefined ? keySides : [side];
  if (!allowed.includes(manifest.side)) {
    throw new FheError(
      'ERR_KEY_CORRUPT',
      `${path}: expected ${allowed.join(', ')} keys, found ${shown(manifest.side)} keys`,
    );
  }
  return manifest;
}

async function readManifestFile(path: string): Promise<string> {
  try {
    const found = await stat(path);
    if (!found.isFile()) {
      throw new FheError('ERR_KEY_CORRUPT', `${path}: expected a file, found a folder, pipe or device`);
    }
    const { size } = found;
    if (size > maximumManifestBytes) {
      throw new FheError('ERR_KEY_CORRUPT', `${path}: ${size} bytes are too many for a manifest`);
    }
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new FheError('ERR_KEY_MISSING', `${path}: no such file, so no keys here; run resnet20-fhe generate-keys`, {
        cause,
      });
    }
    throw readError(cause, path);
  }
}

function parseJson(text: string, path: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FheError('ERR_KEY_CORRUPT', `${path}: not JSON; ${mending(dirname(path))}`, { cause });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new FheError('ERR_KEY_CORRUPT', `${path}: expected an object; ${mending(dirname(path))}`);
  }
  return json as Record<string, unknown>;
}

function textField(json: Record<string, unknown>, name: string, path: string): string {
  const value = json[name];
  if (typeof value !== 'string' || value === '') {
    throw new FheError('ERR_KEY_CORRUPT', `${path}: ${name} must be a text, found ${shownJson(value)}`);
  }
  return value;
}

function parseFiles(value: unknown, path: string): ManifestFile[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new FheError('ERR_KEY_CORRUPT', `${path}: files must be a list of files`);
  }
  const files = value.map((item, index) => parseFile(item, `${path}: files[${index}]`));
  if (new Set(files.map((file) => file.path)).size !== files.length) {
    throw new FheError('ERR_KEY_CORRUPT', `${path}: a file is listed twice`);
  }
  return files;
}

function parseFile(value: unknown, place: string): ManifestFile {
  const { path, kind, bytes, sha256, rotations, stages } = (value ?? {}) as Record<string, unknown>;
  const valid =
    typeof path === 'string' &&
    isPlainName(path) &&
    typeof kind === 'string' &&
    typeof bytes === 'number' &&
    Number.isSafeInteger(bytes) &&
    bytes >= 0 &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    (rotations === undefined || isListOfNumbers(rotations)) &&
    (stages === undefined || isListOfTexts(stages));
  if (!valid) {
    throw new FheError('ERR_KEY_CORRUPT', `${place} is not a file's entry, found ${shownJson(value)}`);
  }
  return {
    path,
    kind,
    bytes,
    sha256,
    ...(rotations === undefined ? {} : { rotations }),
    ...(stages === undefined ? {} : { stages }),
  };
}

/** A visible file directly in the folder: nothing that leads out of it. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && name !== manifestName;
}

function isListOfNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

function isListOfTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
