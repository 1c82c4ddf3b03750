// node scripts/profile-table.mjs   writes the table of profiles in README.md, between its two comments, from the
//                                  measurements in bench/results/ and, where there are none yet, the predictions

import { defaultProfileName, findProfile } from '../dist/catalogue/profiles.js';
import { describeProfiles } from '../dist/operations/params.js';
import { latestAccuracies, weightsCard } from './lib/accuracies.mjs';
import { writeSections } from './lib/generated-section.mjs';
import { table } from './lib/markdown.mjs';
import { latestRuns } from './lib/results.mjs';

const heading = [
  'profile',
  'security, classical',
  'post-quantum',
  'peak memory',
  'keys on disk',
  'making keys',
  'circuit, one picture',
  'network',
  'accuracy, plain and at the noise of encryption',
];

const rows = (await describeProfiles()).map(rowOf);
writeSections('README.md', { profiles: table(heading, rows) });

function rowOf({ profile, engine, security, model }) {
  const runs = latestRuns(profile);
  const single = runs.find(({ infer }) => infer.images.length === 1);
  const name = `\`${profile}\`${profile === defaultProfileName ? ' (default)' : ''}, ${engine}`;
  const capacity =
    single === undefined
      ? [
          `${gigabytes(model.peakMemoryBytes)} predicted`,
          `${gigabytes(model.keyBytes)} predicted`,
          '-',
          'not measured yet',
        ]
      : [
          gigabytes(single.infer.peakRssBytes),
          gigabytes(single.generateKeys.keyBytes),
          seconds(single.generateKeys.wallSeconds),
          [seconds(single.infer.seconds.circuit), ...runs.filter((run) => run !== single).map(perPicture)].join('; '),
        ];
  return [
    name,
    `${security.bits} bits`,
    `${security.quantumBits} bits`,
    ...capacity,
    activationOf(profile),
    accuracyOf(profile),
  ];
}

/** E.g. `1.7 s each of eight`. */
function perPicture({ infer }) {
  const { length } = infer.images;
  return `${seconds(infer.seconds.circuit / length)} each of ${length}`;
}

function activationOf(profile) {
  const { bootstrap } = findProfile(profile).parameters;
  return bootstrap === undefined ? 'x²' : `ReLU, degree ${bootstrap.reluDegree}`;
}

function accuracyOf(profile) {
  const measured = latestAccuracies(profile).at(-1);
  return measured === undefined
    ? `${percent(weightsCard(profile).accuracy.test)} plain`
    : `${percent(measured.plainAccuracy)} and ${percent(measured.accuracy)} of ${measured.images.toLocaleString('en')}`;
}

function gigabytes(bytes) {
  return `${(bytes / 1e9).toPrecision(bytes < 1e9 ? 2 : 3)} GB`;
}

function seconds(value) {
  return value < 10 ? `${value.toFixed(1)} s` : `${value.toFixed(0)} s`;
}

function percent(fraction) {
  return `${(100 * fraction).toFixed(1)} %`;
}
