import type { ImportedActivation, ImportedNetwork } from '../operations/import.js';

/** The lines that `import` prints. */
export function renderImport(imported: ImportedNetwork, strong: (text: string) => string): string {
  const { input, output, activations, calibration } = imported;
  const from = imported.producer === '' ? '' : `, from ${imported.producer}`;
  const named = output.kind === 'scores' ? `${output.classes.length} scores` : output.kind;
  return [
    `${strong(imported.network)}  ${imported.folder}`,
    `  input       ${input.kind}, ${input.shape.join(' x ')}`,
    `  output      ${named}`,
    `  operations  ${imported.operations}, ${imported.parameters} parameters${from}`,
    ...(calibration === undefined
      ? []
      : [
          `  calibrated  on ${calibration.samples}, tried on ${calibration.heldOut} others: ` +
            `${(100 * calibration.outOfRange).toFixed(1)} % left a bound`,
        ]),
    ...activations.map(renderActivation),
  ].join('\n');
}

function renderActivation({ name, function: by, range }: ImportedActivation): string {
  const measured =
    range === undefined ? '' : `  up to ${range.max.toPrecision(3)}, bound ${range.bound.toPrecision(3)}`;
  return `  ${by.padEnd(10)}  ${name}${measured}`;
}
