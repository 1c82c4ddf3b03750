import { percent, table } from './markdown.mjs';

/**
 * Published encrypted classifications of CIFAR-10 pictures with ResNet-20 under CKKS, as their papers give them. `seconds` is
 * the latency of one picture.
 */
const published = [
  {
    system: 'Lee et al., IEEE Access 10, 2022 (ePrint 2021/783)',
    machine: 'server',
    seconds: '10,602',
    memory: '-',
    keys: '-',
    activation: 'ReLU, polynomial',
  },
  {
    system: 'Lee et al., ICML 2022 (ePrint 2021/1688)',
    machine: 'server, one thread',
    seconds: '2,271',
    memory: '-',
    keys: '-',
    activation: 'ReLU, polynomial',
  },
  {
    system: 'Rovida, Leporati (ePrint 2024/460), as published',
    machine: 'laptop',
    seconds: 'below 300',
    memory: 'about 15 GB',
    keys: '-',
    activation: 'ReLU, polynomial',
  },
  {
    system: 'Rovida, Leporati, their program, measured by us',
    machine: '2 cores, AVX-512 IFMA',
    seconds: '827',
    memory: '18.9 GB',
    keys: '23.4 GB',
    activation: 'ReLU, polynomial',
  },
  {
    system: 'Kim et al., HyPHEN, IEEE Access 2024 (arXiv 2302.02407)',
    machine: 'GPU',
    seconds: '1.4',
    memory: '-',
    keys: '-',
    activation: 'square',
  },
];

/**
 * docs/performance.md. `trace`: of one image; `runs`: records of scripts/bench.mjs; `conditions`: records of
 * scripts/conditions.mjs; `predictions`: records of scripts/predictions.mjs; `agreements`: records of
 * scripts/agreement.mjs; `networks`: networkAccuracies(); `accuracies`: of simulated-accuracy.mjs; `library`: Markdown.
 * What is undefined or empty leaves its section out.
 */
export function performanceDocument({
  trace,
  runs,
  conditions,
  predictions,
  agreements,
  networks,
  accuracies,
  library,
}) {
  const sections = [
    introduction,
    runs.length > 0 && runsSection(runs),
    conditions.length > 0 && conditionsSection(conditions),
    trace !== undefined && traceSection(trace),
    predictionsSection(predictions),
    agreements.length > 0 && agreementSection(agreements),
    networkSection(networks),
    accuracies.length > 0 && accuracySection(accuracies),
    publishedSection(runs),
    library,
    reproduction,
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

const introduction = `# Performance

Written by \`node scripts/plot-performance.mjs\` from the measurements in \`bench/results/\`; each of those names its date, commit,
command and machine. Sizes are in powers of ten. Peak memory is the largest resident set of the whole process, Node
included, as the operating system counts it; times are by the clock.`;

function networkSection(networks) {
  const rows = networks.map(({ network, torch, reference }) => [
    network,
    `${percent(torch.test)} of ${torch.testImages}`,
    reference === undefined ? '-' : `${percent(reference.accuracy)} of ${reference.images}`,
  ]);
  return `## Accuracy of the networks

Test pictures of CIFAR-10 through the networks in the clear: in PyTorch, float32, by the weights' cards (docs/training.md),
and by the plain forward pass of this program, float64 (\`npm run reference-accuracy -- --data DIR\`).

${table(['network', 'PyTorch', 'TypeScript'], rows)}`;
}

function accuracySection(accuracies) {
  const rows = accuracies.map(({ profile, precisionBits, images, accuracy, plainAccuracy, agreement }) => [
    profile,
    precisionBits === undefined ? 'predicted' : `${precisionBits} bits`,
    images,
    percent(accuracy),
    percent(plainAccuracy),
    percent(agreement),
  ]);
  return `## Accuracy at the noise of encryption

Test pictures of CIFAR-10 through the circuits on the simulator. A number of bits is the precision after each bootstrap, or
each rescale where there is none, at which scores are as inexact as in the encrypted runs above
(\`npm run simulated-accuracy -- --data DIR\`). Predicted: the noise that follows from the parameters, about twice as much.

${table(['profile', 'noise', 'images', 'accuracy', 'plain accuracy', 'same class'], rows)}`;
}

function conditionsSection(conditions) {
  const rows = conditions.map(({ condition, command, seconds, peakRssBytes }) => [
    condition,
    `\`${command}\``,
    seconds.circuit.toFixed(1),
    seconds.total.toFixed(1),
    gigabytes(peakRssBytes),
  ]);
  return `## One image under other conditions

${table(['condition', 'command', 'circuit, s', 'in all, s', 'peak memory'], rows)}

Measured by \`npm run conditions\` on ${inWords(conditions[0].machine)}.`;
}

function runsSection(runs) {
  const rows = runs.map(({ profile, infer, generateKeys, machine }) => [
    profile,
    infer.images.length,
    `${infer.seconds.circuit.toFixed(1)}${infer.otherCores > BUSY_CORES ? ' *' : ''}`,
    (infer.seconds.circuit / infer.images.length).toFixed(2),
    gigabytes(infer.peakRssBytes),
    gigabytes(generateKeys.keyBytes),
    generateKeys.wallSeconds.toFixed(1),
    `${infer.images.filter(hasPlainClass).length} of ${infer.images.length}`,
    largest(infer.images.map(({ maxError }) => maxError)),
    largest(infer.images.flatMap(({ scores, circuitScores }) => differences(scores, circuitScores))),
    inWords(machine),
  ]);
  return `## Profiles

${table(
  [
    'profile',
    'images',
    'circuit, s',
    's per image',
    'peak memory',
    'keys',
    'making keys, s',
    'class of the plain network',
    'largest error of a score',
    'of it noise',
    'machine',
  ],
  rows,
)}

Keys: the evaluation keys on disk, without the secret. The error is against the plain network, whose scores of different
classes lie units apart; its noise is the difference from the same circuit without encryption, and the rest is the polynomial
in place of ReLU. A star: other programs kept more than a tenth of a core busy meanwhile, so that the time is longer than it
would have been.`;
}

/** What a system does by itself stays below it. */
const BUSY_CORES = 0.1;

function hasPlainClass({ index, plainScores }) {
  return plainScores[index] === Math.max(...plainScores);
}

function differences(left, right) {
  return left.map((value, index) => Math.abs(value - right[index]));
}

function largest(errors) {
  return Math.max(...errors).toPrecision(2);
}

function traceSection({ steps, seconds, machine, date }) {
  const ratios = steps.map((step) => step.predictedSeconds / step.seconds);
  const within = ratios.filter((ratio) => Math.abs(ratio - 1) <= 0.25).length;
  return `## One image, step by step

\`infer --trace\` on ${inWords(machine)}, ${date.slice(0, 10)}: ${seconds.toFixed(2)} s. The planner's prediction, from the committed
rates, is within 25 % for ${within} of ${steps.length} steps.

![Seconds of each step](images/performance-time.svg)

![Resident memory in each stage](images/performance-memory.svg)`;
}

function predictionsSection(predictions) {
  const rows = predictions.map(({ kernel, threads, otherCores, stages, machine }) => {
    const sum = (name) => stages.reduce((total, stage) => total + stage[name], 0);
    const ratios = stages.map(({ predictedSeconds, seconds }) => predictedSeconds / seconds);
    return [
      kernel,
      threads,
      sum('predictedSeconds').toFixed(1),
      `${sum('seconds').toFixed(1)}${otherCores > BUSY_CORES ? ' *' : ''}`,
      `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
      `${machine.cores} cores, ${machine.cpu}`,
    ];
  });
  const compared = `

${table(['kernels', 'threads', 'predicted, s', 'measured, s', 'predicted / measured, by stage', 'machine'], rows)}

One image under \`params_fast\` (\`npm run predictions\`).`;
  return `## Predicted times

What \`params\`, progress and traces predict of the ckks engine is for the machine, the kernels and the threads in use. The
engine is measured at its first use, for half a second and with its own functions: transforms, base conversion, products with
keys and weights, passes through memory, and how much faster all threads are than one. That scales the rates of its kernels in
\`rates/\`, and is kept in \`$XDG_CACHE_HOME/resnet20-fhe/\` until processor, engine, program or threads are others. A machine
that was busy at that moment is measured again once the folder is removed. Plans are made with the committed rates of AVX-512
everywhere.${rows.length > 0 ? compared : ''}`;
}

function agreementSection(agreements) {
  const rows = agreements.map((result) => [
    result.profile,
    result.images,
    percent(result.agreement),
    `${result.clearAgreement === null ? '-' : percent(result.clearAgreement)} of ${result.clearImages}`,
    percent(result.accuracy),
    percent(result.plainAccuracy),
    result.meanError.toFixed(4),
    result.maxError.toFixed(3),
    result.secondsPerImage.toFixed(2),
  ]);
  return `## Agreement with the plain network

Test pictures of CIFAR-10 through real encryption, as many at once as a ciphertext holds.

${table(
  [
    'profile',
    'images',
    'same class',
    'same class, clear margin',
    'accuracy',
    'plain accuracy',
    'mean error',
    'largest error',
    's per image',
  ],
  rows,
)}

Clear margin: the plain network's best score exceeds its second by more than six standard deviations of a score's error.`;
}

function publishedSection(runs) {
  const own = runs
    .filter(({ profile, infer }) => profile === 'params_fast' && infer.images.length === 1)
    .map(({ infer, generateKeys, machine }) => [
      '**this program, params_fast**',
      inWords(machine),
      infer.seconds.circuit.toFixed(1),
      gigabytes(infer.peakRssBytes),
      gigabytes(generateKeys.keyBytes),
      'square',
    ]);
  const rows = published.map(({ system, machine, seconds, memory, keys, activation }) => [
    system,
    machine,
    seconds,
    memory,
    keys,
    activation,
  ]);
  return `## Against published systems

ResNet-20 on CIFAR-10 under CKKS, latency of one picture. A dash: the paper's figure is not known to us.

${table(['system', 'machine', 'seconds', 'peak memory', 'keys', 'activation'], [...own, ...rows])}

Not comparable in these figures:

- **Machines.** Only the rows with 2 cores were measured on one machine. The others are as their papers give them.
- **Networks.** Systems with ReLU approximate it by polynomials of high degree and bootstrap; this program and HyPHEN run
  networks that were trained with squares. Accuracies differ with the network and its training: each has to be read beside
  the plain accuracy of its own network.
- **Depth.** This program's default circuit is leveled: it fits one modulus and never bootstraps. That ends with the depth of
  ResNet-20; the others can go deeper.
- **Security.** 128 classical bits for a uniform ternary secret here. The published programs that bootstrap use sparse secrets, and not
  all of them state 128 bits by today's estimates.`;
}

const reproduction = `## How to measure

\`\`\`
npm run bench -- params_fast --images 1          keys and inference as a user runs them
npm run bench -- params_fast --images 8
npm run bench -- params_secure --images 1        the same network on OpenFHE
npm run conditions                               threads, kernels, memory budgets, cold page cache
npm run predictions                              each stage, predicted for this machine and measured
npm run agreement -- --data DIR --images 100     needs a key set: resnet20-fhe generate-keys
resnet20-fhe infer --trace trace.json && node scripts/plot-performance.mjs --trace trace.json
npm run simulated-accuracy -- --data DIR         circuits of all profiles at the precision of their encrypted runs
npm run reference-accuracy -- --data DIR         the networks in the clear, over all test pictures
npm run calibrate                                the rates behind the predictions
npm run report                                   this document, and the tables in README.md and docs/training.md
node scripts/native-report.mjs                   the library, beside OpenFHE and Lattigo
\`\`\``;

function gigabytes(bytes) {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

/** Cores and the widest instructions, e.g. `2 cores, AVX-512 IFMA`. */
function inWords({ cores, flags }) {
  const kernels = flags.includes('avx512ifma') ? 'AVX-512 IFMA' : flags.includes('avx2') ? 'AVX2' : 'no AVX2';
  return `${cores} core${cores === 1 ? '' : 's'}, ${kernels}`;
}
