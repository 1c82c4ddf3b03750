/**
 * Where element (image, channel, row, column) of a batch of tensors lies in the slots:
 * slot = image * imageStride + channel * channelStride + row * rowStride + column * columnStride (modulo the slot count).
 * Strides that leave gaps (after a strided convolution) are allowed; what lies in the gaps is unspecified.
 */
export interface Layout {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly images: number;
  readonly channelStride: number;
  readonly rowStride: number;
  readonly columnStride: number;
  readonly imageStride: number;
}

/** Slot of one element. */
export function slotOf(layout: Layout, image: number, channel: number, row: number, column: number): number {
  return (
    image * layout.imageStride + channel * layout.channelStride + row * layout.rowStride + column * layout.columnStride
  );
}
