import { describe, expect, test } from 'vitest';
import { findProfile, profileNames } from '../../src/catalogue/profiles.js';
import { packingFor } from '../../src/circuit/port.js';
import { lower } from '../../src/lowering/lower.js';
import { largestPacking } from '../../src/lowering/packing.js';
import { loadNetwork, weightsPath } from '../../src/network/weights/load.js';
import { planCircuit } from '../../src/planning/complete.js';
import { committedPlan, parametersHash, planHash } from '../../src/planning/plan.js';
import { searchPlan } from '../../src/planning/search.js';

import { circuitParameters } from '../../src/scheme/circuit-parameters.js';

test.each([...profileNames])('%s: the committed plan carries the hash of its choices and the parameters', (name) => {
  const plan = committedPlan(name)!;
  const { parameters } = findProfile(name);
  expect(plan.name).toBe(name);
  expect(plan.hash).toBe(planHash(plan));
  expect(plan.parametersHash).toBe(parametersHash(parameters));
  const other = { ...parameters, ringDimension: parameters.ringDimension / 2 };
  expect(planHash({ ...plan, parametersHash: parametersHash(other) })).not.toBe(plan.hash);
  const wider = { ...plan, packing: { ...plan.packing, positions: 3 } };
  expect(planHash(wider)).not.toBe(plan.hash);
});

test('how pictures are normalised, what classes are called and how scores are checked changes no keys', () => {
  const plan = committedPlan('params_fast')!;
  const { input, output } = plan;
  const other = {
    ...plan,
    input: { ...input, encoding: { ...input.encoding, mean: [0, 0, 0] } },
    output: { ...output, encoding: { ...output.encoding, classes: ['other'], bound: 1 }, zeros: undefined },
  };
  expect(planHash(other)).toBe(plan.hash);
});

// Leveled profiles on their own weights; a ReLU network has the same shape, so its plans stand or fall with these.
describe.each(['params_fast', 'params_secure'])('%s', (name) => {
  test('the committed plan fits the network: planning a circuit from it finds every offset and level', async () => {
    const { network, parameters } = findProfile(name);
    const { graph } = await loadNetwork(weightsPath(network));
    const packing = largestPacking(graph, parameters);
    const circuit = planCircuit(graph, parameters, packing, committedPlan(name)!);
    expect(circuit.output.level).toBe(0);
    expect(circuit.input.level).toBe(circuitParameters(parameters).maximumLevel);
    const { input, output } = committedPlan(name)!;
    expect(JSON.parse(JSON.stringify([circuit.input, circuit.output]))).toEqual([input, output]);
    expect(packing).toEqual(committedPlan(name)!.packing);
    const single = planCircuit(graph, parameters, packingFor(packing, 1), committedPlan(name)!);
    for (const [index, { keys }] of committedPlan(name)!.stages.entries()) {
      const used = [circuit, single].flatMap(({ stages }) => stages[index]!.keys.rotations);
      expect([...new Set(used)].sort((left, right) => left - right)).toEqual(keys.rotations);
      expect(circuit.stages[index]!.keys).toMatchObject({ ...keys, rotations: expect.anything() });
    }
  }, 30_000);

  test('a network of another depth is refused', async () => {
    const { network, parameters } = findProfile(name);
    const { graph } = await loadNetwork(weightsPath(network));
    const cut = graph.nodes.filter((node) => !/^stage3.block[23]/.test(node.name));
    const nodes = cut.map((node) => (node.name === 'pool' ? { ...node, inputs: ['stage3.block1.activation2'] } : node));
    const shorter = { ...graph, nodes };
    const packing = largestPacking(graph, parameters);
    expect(lower(shorter, parameters, packing).stages).toHaveLength(9);
    expect(() => planCircuit(shorter, parameters, packing, committedPlan(name)!)).toThrow(
      /another structure than square-resnet20/,
    );
  }, 30_000);
});

// Rates of another machine, or of other kernels, would lead the search to other splits, and to keys that nobody has.
test('the search finds the committed plan of params_fast, whatever machine it runs on', async () => {
  const profile = findProfile('params_fast');
  const { graph } = await loadNetwork(weightsPath(profile.network));
  expect(JSON.parse(JSON.stringify(searchPlan(graph, profile.parameters, profile.name)))).toEqual(
    committedPlan('params_fast'),
  );
}, 30_000);

test('the keys of params_fast are few: at most 0.4 GB', () => {
  const plan = committedPlan('params_fast')!;
  expect(plan.keyBytes).toBeLessThan(0.4e9);
});
