/** Complex slot vector, one entry per slot. `imaginary` is undefined when every imaginary part is zero. */
export interface SlotValues {
  readonly real: Float64Array;
  readonly imaginary?: Float64Array | undefined;
}
