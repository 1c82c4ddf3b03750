import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './process.mjs';

/** The project's own C++ files, relative to the root; libraries under native/third_party are not ours to format. */
export function nativeSources(folder = 'native') {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return path === 'native/third_party' ? [] : nativeSources(path);
    }
    return /\.(h|cpp)$/.test(entry.name) ? [path] : [];
  });
}
