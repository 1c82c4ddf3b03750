import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nativeSources } from './native-sources.mjs';
import { root } from './process.mjs';

/** The rooms of native/ckks; each may include those before it. */
const rooms = ['ring', 'random', 'scheme', 'io', 'client', 'eval', 'calibration'];

/** Includes of a later room, each as a line of text. */
export function wrongIncludes() {
  return nativeSources('native/ckks').flatMap((path) => {
    const [, , room] = path.split('/');
    const own = rooms.indexOf(room);
    if (own < 0) {
      // A header of the library as a whole, which all rooms include.
      return room.includes('.') ? [] : [`${path}: ${room} is no room of native/ckks; name it in native-rooms.mjs`];
    }
    const text = readFileSync(join(root, path), 'utf8');
    return [...text.matchAll(/^#include "ckks\/(\w+)\/.*"/gm)]
      .filter(([, included]) => !(rooms.indexOf(included) <= own))
      .map(([line]) => `${path}: ${line}, a room that comes after ${room}`);
  });
}
