// npm run plan [profile...]   searches the plans anew and writes plans/<profile>.json
// A plan depends on the network's shape and the committed rates, not on its weights. Key sets carry the plan's hash:
// after a change, keys have to be generated again. Profiles whose network's weights are not there keep their plans.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProfile, profileNames } from '../dist/catalogue/profiles.js';
import { loadNetwork, weightsPath } from '../dist/network/weights/load.js';
import { searchPlan } from '../dist/planning/search.js';
import { root } from './lib/process.mjs';

const names = process.argv.length > 2 ? process.argv.slice(2) : profileNames;
for (const profile of names.map(findProfile)) {
  if (!existsSync(weightsPath(profile.network))) {
    process.stdout.write(`${profile.name}: left as it is, there are no weights of ${profile.network}\n`);
    continue;
  }
  const { graph } = await loadNetwork(weightsPath(profile.network));
  const plan = searchPlan(graph, profile.parameters, profile.name);
  const file = join(root, 'plans', `${profile.name}.json`);
  writeFileSync(file, `${withShortLists(JSON.stringify(plan, undefined, 2))}\n`);
  const rotations = new Set(plan.stages.flatMap((stage) => stage.keys.rotations)).size;
  process.stdout.write(
    `${profile.name}: ${rotations} rotations, ${(plan.keyBytes / 1e6).toFixed(0)} MB of keys, ` +
      `${plan.seconds.toFixed(1)} s predicted, ${plan.hash.slice(0, 12)}\n`,
  );
}

/** Puts each list of numbers on one line. */
function withShortLists(json) {
  return json.replace(/\[[-\d,\s]*\]/g, (list) => list.replace(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']'));
}
