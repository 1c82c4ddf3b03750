import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importOnnx } from '../../../src/network/import/onnx/import-onnx.js';
import { readOnnxModel } from '../../../src/network/import/onnx/model.js';
import { foldedOperators } from '../../../src/network/import/onnx/operators/folding.js';
import { refusedOperators } from '../../../src/network/import/onnx/operators/refused.js';
import { families } from '../../../src/network/import/onnx/operators/registry.js';
import { operatorNotes } from './operator-notes.js';

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));
const page = fileURLToPath(new URL('../../../docs/operators.md', import.meta.url));

/** How many of the models that onnx.test.ts compares with ONNX Runtime have each operator. */
async function countModels(): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const file of readdirSync(fixtures).filter((name) => name.endsWith('.onnx'))) {
    const model = await readOnnxModel(join(fixtures, file));
    importOnnx(model);
    for (const type of new Set(model.graph.node.map(({ opType }) => opType))) {
      counts.set(type, (counts.get(type) ?? 0) + 1);
    }
  }
  return counts;
}

test('docs/operators.md lists what is tried; npm run operators writes it', async () => {
  const counts = await countModels();
  const operators = Object.values(families).flatMap(Object.keys);
  expect(Object.keys(operatorNotes).toSorted()).toEqual(operators.toSorted());
  const untried = [...operators, ...foldedOperators].filter((type) => !counts.has(type));
  expect(untried).toEqual([]);
  const rows = Object.entries(families).flatMap(([family, converters]) =>
    Object.keys(converters).map((type) => `| ${type} | ${family} | ${operatorNotes[type]} | ${counts.get(type)} |`),
  );
  const refused = Object.entries(refusedOperators).map(([type, advice]) => `| ${type} | ${advice} |`);
  await expect(`${introduction}
| operator | family | conditions | models that try it |
|---|---|---|---|
${rows.join('\n')}

Operators one after another that make one function of a value are recognised by what they compute: GELU, SiLU, Mish, Hardswish,
squares with coefficients for each channel, and the like may be written in any way.

## At the end of a network

Softmax, LogSoftmax, ArgMax and Clip at the end of a model are left to whoever decrypts the result, which \`import\` says.

## On numbers of the model

Computed when a model is imported: ${foldedOperators.join(', ')}.

## Refused

Every other operator is refused with its name. For these there is advice:

| operator | instead |
|---|---|
${refused.join('\n')}
`).toMatchFileSnapshot(page);
});

const introduction = `# Operators of ONNX models

What \`resnet20-fhe import\` takes, of operator sets 9 to 26 (13 to 20 are tried), one input and one output. The table is
written by the test that tries every operator on small models, those of both exporters of PyTorch among them, and compares
with ONNX Runtime: \`npm run operators\`.
`;
