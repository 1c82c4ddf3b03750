/** Blocks of one resolution. The first block has the stage's stride, the others stride 1. */
export interface ResidualStage {
  readonly channels: number;
  readonly blocks: number;
  readonly stride: 1 | 2;
}

/**
 * Shape of a residual network for small pictures: a 3x3 stem, stages of basic blocks (two 3x3 convolutions and a
 * shortcut), global average pooling and one fully connected layer. He et al., arXiv 1512.03385, section 4.2.
 */
export interface Architecture {
  readonly name: string;
  readonly inputChannels: number;
  readonly stemChannels: number;
  readonly stages: readonly ResidualStage[];
}

/** ResNet-20: 16, 32 and 64 channels, three blocks each. */
export const resNet20: Architecture = {
  name: 'resnet20',
  inputChannels: 3,
  stemChannels: 16,
  stages: [
    { channels: 16, blocks: 3, stride: 1 },
    { channels: 32, blocks: 3, stride: 2 },
    { channels: 64, blocks: 3, stride: 2 },
  ],
};

/** Architectures that a weights card may name. */
export const architectures: readonly Architecture[] = [resNet20];
