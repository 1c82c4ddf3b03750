import { tensor } from '../../tensor/tensor.js';
import { type ActivationForm, activationForm } from '../activation-form.js';
import type { Branch, LayerGraph, LinearLayer } from '../layers.js';
import { appliedToConstant, scaled } from '../operators.js';
import { addBias } from './group-linear-layers.js';

/** A value as a layer holds it, one entry per channel: the network's is factor * (held + offset). */
type Held = Pick<ActivationForm, 'factor' | 'offset'>;

/**
 * Moves every activation's constants into the linear layers before and after it, by its form. The layers compute the
 * same from input to output. Throws ERR_WEIGHTS for an activation that has no form.
 */
export function foldActivations(graph: LayerGraph): LayerGraph {
  const held = new Map<string, Held>();
  const formBefore = new Map<string, ActivationForm>();
  for (const layer of graph.layers) {
    if (layer.kind === 'activation') {
      const form = activationForm(layer);
      held.set(layer.name, form);
      held.set(layer.source, heldBefore(form));
      formBefore.set(layer.source, form);
    }
  }
  const layers = graph.layers.map((layer) =>
    layer.kind === 'activation' ? layer : prepared(onHeldValues(layer, held), formBefore.get(layer.name)),
  );
  return { ...graph, layers };
}

/** What an activation reads is scale (x + shift), also where linear layers read it too. */
function heldBefore({ scale, shift }: ActivationForm): Held {
  return { factor: scale.map((value) => 1 / value), offset: shift.map((value, channel) => -value * scale[channel]!) };
}

/** A linear layer whose weights and bias take its sources as they are held. */
function onHeldValues(layer: LinearLayer, held: ReadonlyMap<string, Held>): LinearLayer {
  let { bias } = layer;
  const branches = layer.branches.map((branch): Branch => {
    const form = held.get(branch.source);
    if (form === undefined) {
      return branch;
    }
    const ones = new Float64Array(branch.operator.output[0]).fill(1);
    const operator = scaled(branch.operator, form.factor, ones);
    if (form.offset.some((value) => value !== 0)) {
      const [, height, width] = layer.shape;
      const constant = appliedToConstant(operator, form.offset);
      const spread = tensor(layer.shape);
      spread.data.set(constant.data, branch.firstChannel * height * width);
      bias = addBias(bias, spread, layer.shape);
    }
    return { ...branch, operator };
  });
  return { ...layer, branches, bias };
}

/** A linear layer that ends in the form of the activation behind it: scale (y + shift). */
function prepared(layer: LinearLayer, form: ActivationForm | undefined): LinearLayer {
  if (form === undefined) {
    return layer;
  }
  const branches = layer.branches.map((branch): Branch => {
    const { operator, firstChannel } = branch;
    const ones = new Float64Array(operator.input[0]).fill(1);
    const scale = form.scale.subarray(firstChannel, firstChannel + operator.output[0]);
    return { ...branch, operator: scaled(operator, ones, scale) };
  });
  const perChannel = layer.bias.data.length / layer.shape[0];
  const bias = layer.bias.data.map((value, index) => {
    const channel = Math.floor(index / perChannel);
    return (value + form.shift[channel]!) * form.scale[channel]!;
  });
  return { ...layer, branches, bias: tensor(layer.bias.shape, bias) };
}
