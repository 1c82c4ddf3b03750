import { readNetworkFolder } from '../../../dist/network/folder/read.js';
import { folderFiles, sha256, withJson } from '../corpus.mjs';

/** A network's folder. */
export const corpus = [folderFiles('corpus/network')];

export function seal({ 'network.json': description, 'weights.safetensors': weights, ...others }) {
  const sealed = withJson(description, ({ weights: named }) => {
    named.sha256 = sha256(weights).toString('hex');
  });
  return { 'network.json': sealed, 'weights.safetensors': weights, ...others };
}

export function run(folder) {
  return readNetworkFolder(folder);
}
