import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const longest = 2 ** 16;

/** The files of a folder, each a bundle of its own under the one `name`; larger ones are left out. */
export function singleFiles(folder, name, accepts = () => true) {
  const directory = join(here, folder);
  return readdirSync(directory)
    .filter(accepts)
    .sort()
    .map((file) => readFileSync(join(directory, file)))
    .filter(({ length }) => length <= longest)
    .map((bytes) => ({ [name]: bytes }));
}

/** A folder's files as one bundle: their names and contents. */
export function folderFiles(folder) {
  const directory = join(here, folder);
  return Object.fromEntries(readdirSync(directory).map((file) => [file, readFileSync(join(directory, file))]));
}

export function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest();
}

/** JSON with a change; the same bytes where they are no JSON object any more. */
export function withJson(bytes, change) {
  try {
    const value = JSON.parse(bytes.toString('utf8'));
    change(value);
    return Buffer.from(JSON.stringify(value));
  } catch {
    return bytes;
  }
}
