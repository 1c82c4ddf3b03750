import type { Layout } from '../../circuit/layout.js';
import type { Taps } from '../../circuit/port.js';
import type { LayerGraph, LinearLayer } from '../layers.js';
import type { LinearOperator, LocalOperator } from '../operators.js';

/** How feature maps lie in ciphertexts, from the input on. */
export interface LayoutStrategy {
  readonly name: 'columns-outermost' | 'batch';
  /** The layers as the strategy computes them, and what it leaves to the client's packing. */
  prepare(graph: LayerGraph): { readonly graph: LayerGraph; readonly taps: Taps };
  /**
   * Layout of the input; its image axis has as many positions as the slots have room for. Throws ERR_PROFILE when the
   * network does not fit.
   */
  input(graph: LayerGraph, slots: number): Layout;
  /** Layout of an operator's result; all branches of a layer must agree. */
  after(operator: LocalOperator, layer: LinearLayer, input: Layout): Layout;
}

export function isLocal(operator: LinearOperator): operator is LocalOperator {
  return operator.kind !== 'dense';
}
