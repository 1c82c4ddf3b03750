import { Option } from 'commander';
import { parseBytes, parsePath, parsePaths, parseThreads } from './arguments.js';

// Options that several commands share, so that they read and behave alike.

export const keysOption = (): Option =>
  new Option('--keys <folder>', 'key set (default: the current one, then the one of the default profile)').argParser(
    parsePath,
  );

export const engineOption = (): Option =>
  new Option('--engine <engine>', "engine (default: the profile's own); the simulator encrypts nothing").choices([
    'simulator',
    'ckks',
    'openfhe',
  ]);

export const profileOption = (): Option =>
  new Option('--profile <profile>', 'parameter set, see `resnet20-fhe params`');

export const weightsOption = (): Option =>
  new Option(
    '--weights <file>',
    "weights of the profile's network (default: those that come with the program)",
  ).argParser(parsePath);

export const networkOption = (): Option =>
  new Option('--network <folder>', "network of your own with its plan, in place of a profile's").argParser(parsePath);

export const outImageOption = (): Option =>
  new Option('--out-image <file...>', 'PNG file for the picture that the network gives, one for each input').argParser(
    parsePaths,
  );

export const outValuesOption = (): Option =>
  new Option(
    '--out-values <file>',
    "NumPy file (.npy) for the network's outputs, [inputs, channels, height, width]",
  ).argParser(parsePath);

export const resizeOption = (): Option =>
  new Option('--resize', "bring images of another size to the network's: centre crop, area average");

export const threadsOption = (): Option =>
  new Option('--threads <count>', 'threads of the computation (default: one per core)').argParser(parseThreads);

export const memoryBudgetOption = (): Option =>
  new Option(
    '--memory-budget <size>',
    'memory that the program may use at its peak, e.g. 800MB; less memory takes more time (default: 16GB, or what the machine has)',
  ).argParser(parseBytes);

export const traceOption = (): Option =>
  new Option(
    '--trace <file>',
    'write time, prediction and memory of each step of the circuit to a JSON file',
  ).argParser(parsePath);
