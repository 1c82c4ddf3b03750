/** What a description may say at most, so that a hostile one takes neither memory nor time. */
export const limits = {
  descriptionBytes: 2 ** 23,
  nodes: 4096,
  /** Values that a node reads, and inputs or outputs of a network. */
  values: 64,
  /** Of a feature map, kernel, stride or padding along one axis. */
  extent: 2 ** 16,
  /** Numbers in one feature map. */
  elements: 2 ** 24,
  classes: 2 ** 16,
  nameLength: 200,
} as const;

/** File names inside a network's folder. */
export const descriptionFile = 'network.json';
export const weightsFile = 'weights.safetensors';
