import { test } from 'vitest';
import { loadNetwork, weightsPath } from '../../src/network/load.js';
import { planCircuit } from '../../src/circuit/planner.js';
import { findProfile } from '../../src/profile/profiles.js';
import { openSimulator } from '../../src/engine/simulator/simulator.js';
import { forward } from '../../src/network/forward.js';
import { scoresThrough } from '../support/run-steps.js';
import { seededNormal } from '../support/random.js';
import { loadImage } from '../../src/image/load.js';
import { normalise } from '../../src/image/normalise.js';
import { committedPlan } from '../../src/profile/plan.js';
import { readdirSync } from 'node:fs';
test('full', async () => {
  const { network } = await loadNetwork(weightsPath('square-resnet20'));
  const base = findProfile('params_fast');
  const files = readdirSync('inputs').filter((f) => f.endsWith('.png')).slice(0, 4);
  const images = [];
  for (const f of files) images.push(normalise(await loadImage('inputs/' + f, { side: 32 }), network.input));
  const expected = images.map((i) => forward(network, i));
  const err = (s: Float64Array[]) => s.map((v, i) => Math.max(...[...v].map((x, k) => Math.abs(x - expected[i]![k]!))).toFixed(4)).join(' ');
  for (const s of (process.env.SB ?? '22,24,26').split(',').map(Number)) {
    const profile = { ...base, ckks: { ...base.ckks!, activationScaleBits: s } };
    const circuit = planCircuit(network, profile, { positions: 2, imaginary: true }, committedPlan('params_fast'));
    console.log('s', s, 'rescale only', err(await scoresThrough(openSimulator(profile, { noise: Math.sqrt(65536 / 2 * (1 + 43690) / 12) / 2 ** s }).openWithoutKeys(), network, circuit, images)));
    const w = 41 - s;
    const normal = seededNormal(1);
    const rough = { ...circuit, stages: circuit.stages.map((st) => ({ ...st, steps: st.steps.map((s) => s.kind !== 'linear' || s.name === 'linear' || s.name === 'stem' ? s : { ...s, terms: s.terms.map((t) => ({ ...t, map: { ...t.map, diagonals: new Map([...t.map.diagonals].map(([o, d]) => [o, d.map((v) => v + Math.sqrt(512 / 6) * 2 ** -w * normal())])) } })) }) })) };
    console.log('s', s, 'weights at', w, err(await scoresThrough(openSimulator(profile).openWithoutKeys(), network, rough, images)));
  }
}, 300000);
