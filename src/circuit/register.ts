/** Name of a ciphertext held by a circuit, e.g. `stage1.block2.conv1`, or one of several, `stem[3]`. */
export type Register = string;
