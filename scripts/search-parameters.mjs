// node scripts/search-parameters.mjs [profile] [--precision BITS] [--keys MB] [--rows N]
// Parameter sets for a leveled profile of the project's own engine, best first, by the committed rates.
import { parseArgs } from 'node:util';
import { findProfile } from '../dist/catalogue/profiles.js';
import { referenceRates } from '../dist/cost/rates.js';
import { loadNetwork, weightsPath } from '../dist/network/weights/load.js';
import { planCircuit } from '../dist/planning/complete.js';
import { searchParameters } from '../dist/planning/parameter-search.js';
import { searchPlan } from '../dist/planning/search.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    precision: { type: 'string', default: '10' },
    keys: { type: 'string', default: '600' },
    rows: { type: 'string', default: '20' },
  },
});
const profile = findProfile(positionals[0] ?? 'params_fast');
const { graph } = await loadNetwork(weightsPath(profile.network));
const { parameters } = profile;
const plan = searchPlan(graph, parameters, profile.name);
const circuit = planCircuit(graph, parameters, { positions: 1, imaginary: false }, plan);
const limits = { keyBytes: Number(values.keys) * 1e6, precisionBits: Number(values.precision) };
const candidates = searchParameters(circuit, parameters, referenceRates.ckks, limits);

const cells = candidates
  .slice(0, Number(values.rows))
  .map(({ parameters, logQP, precisionBits, keyBytes, seconds }) => [
    parameters.moduliBits.at(-1),
    parameters.activationScaleBits,
    parameters.digits.at(-1),
    parameters.specialPrimes.at(-1),
    logQP,
    precisionBits.toFixed(1),
    (keyBytes / 1e6).toFixed(0),
    seconds.toFixed(2),
  ]);
const heading = ['prime bits', 'scale bits', 'digits', 'special primes', 'log QP', 'precision', 'keys MB', 'seconds'];
for (const row of [heading, ...cells]) {
  process.stdout.write(`${row.map((cell, column) => String(cell).padStart(heading[column].length)).join('  ')}\n`);
}
if (candidates.length === 0) {
  process.stderr.write('no parameter set holds these limits\n');
  process.exitCode = 1;
}
