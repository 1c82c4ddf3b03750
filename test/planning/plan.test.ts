import { describe, expect, test } from 'vitest';
import { findProfile, profileNames } from '../../src/catalogue/profiles.js';
import { lower } from '../../src/lowering/lower.js';
import { largestPacking, packingFor } from '../../src/lowering/packing.js';
import { loadNetwork, weightsPath } from '../../src/network/weights/load.js';
import { planCircuit } from '../../src/planning/complete.js';
import { committedPlan, planHash } from '../../src/planning/plan.js';
import { searchPlan } from '../../src/planning/search.js';

test.each([...profileNames])('%s: the committed plan carries the hash of its choices and the profile', (name) => {
  const plan = committedPlan(name)!;
  const profile = findProfile(name);
  expect(plan.profile).toBe(name);
  expect(plan.hash).toBe(planHash(plan, profile));
  const { ringDimension } = (profile.ckks ?? profile.openfhe)!;
  const other = {
    ...profile,
    [profile.engine]: { ...profile[profile.engine as 'ckks'], ringDimension: ringDimension / 2 },
  };
  expect(planHash(plan, other)).not.toBe(plan.hash);
});

// Leveled profiles on their own weights; a ReLU network has the same shape, so its plans stand or fall with these.
describe.each(['params_fast', 'params_secure'])('%s', (name) => {
  test('the committed plan fits the network: planning a circuit from it finds every offset and level', async () => {
    const profile = findProfile(name);
    const { graph } = await loadNetwork(weightsPath(profile.network));
    const packing = largestPacking(graph, profile);
    const circuit = planCircuit(graph, profile, packing, committedPlan(name)!);
    expect(circuit.output.level).toBe(0);
    expect(circuit.input.level).toBe((profile.ckks ?? profile.openfhe)!.levels);
    const single = planCircuit(graph, profile, packingFor(packing, 1, name), committedPlan(name)!);
    for (const [index, { keys }] of committedPlan(name)!.stages.entries()) {
      const used = [circuit, single].flatMap(({ stages }) => stages[index]!.keys.rotations);
      expect([...new Set(used)].sort((left, right) => left - right)).toEqual(keys.rotations);
      expect(circuit.stages[index]!.keys).toMatchObject({ ...keys, rotations: expect.anything() });
    }
  }, 30_000);

  test('a plan of another depth is refused, naming the layer and the command', async () => {
    const profile = findProfile(name);
    const { graph } = await loadNetwork(weightsPath(profile.network));
    const cut = graph.nodes.filter((node) => !/^stage3.block[23]/.test(node.name));
    const nodes = cut.map((node) => (node.name === 'pool' ? { ...node, inputs: ['stage3.block1.activation2'] } : node));
    const shorter = { ...graph, nodes };
    const packing = largestPacking(graph, profile);
    expect(lower(shorter, profile, packing).stages).toHaveLength(9);
    expect(() => planCircuit(shorter, profile, packing, committedPlan(name)!)).toThrow(/stem.*npm run plan/);
  }, 30_000);
});

// Rates of another machine, or of other kernels, would lead the search to other splits, and to keys that nobody has.
test('the search finds the committed plan of params_fast, whatever machine it runs on', async () => {
  const profile = findProfile('params_fast');
  const { graph } = await loadNetwork(weightsPath(profile.network));
  expect(searchPlan(graph, profile)).toEqual(committedPlan('params_fast'));
}, 30_000);

test('the keys of params_fast are few: at most 0.4 GB', () => {
  const plan = committedPlan('params_fast')!;
  expect(plan.keyBytes).toBeLessThan(0.4e9);
});
