"""One training step: losses, gradients, optimizers and the running average; on a GPU recorded and replayed."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .network import ResNet20
from .optimizer import make_optimizers, set_rates
from .options import Options, clamp_at, schedule

# Steps that run as they are before one is recorded: the compiler and the choice of algorithms have to be done by then.
STEPS_BEFORE_RECORDING = 5


@dataclass(frozen=True)
class Inputs:
    """What a step reads: augmented images, their labels, and a teacher's scores if there is one."""

    pixels: Tensor
    labels: Tensor
    targets: Tensor | None

    def copy_(self, other: Inputs) -> None:
        self.pixels.copy_(other.pixels)
        self.labels.copy_(other.labels)
        if self.targets is not None:
            self.targets.copy_(other.targets)


class Step:
    """Trains `network`, and keeps `averaged`, the running average of its weights.

    A step of so small a network is many short kernels, and starting each takes the processor time. On a GPU a step is
    therefore recorded once as a CUDA graph and replayed: whatever changes from step to step (inputs, rates, clamp,
    weight of the average) lies in tensors that are filled before.
    """

    def __init__(self, network: ResNet20, options: Options, device: torch.device, compiled: bool) -> None:
        self.options, self.device = options, device
        # Every step has the same shapes: trying the GPU's algorithms for convolutions once pays.
        torch.backends.cudnn.benchmark = True
        network.set_soft_limit(options.soft_limit)
        self.network = network.to(device, memory_format=torch.channels_last).train()
        self.averaged = copy.deepcopy(self.network).requires_grad_(False).eval()
        self.optimizers = make_optimizers(self.network, options.rate, options.other_rate)
        self._forward = torch.compile(self.network) if compiled else self.network
        self._others = [parameter for group in self.optimizers[1].param_groups for parameter in group["params"]]
        self._weight = torch.zeros((), device=device)
        # Sums over the steps since they were last taken: loss, share of right answers, penalty, and the steps.
        self._sums = torch.zeros(4, dtype=torch.float64, device=device)
        self._done = 0
        self._recorded: torch.cuda.CUDAGraph | None = None
        self._inputs: Inputs | None = None

    def __call__(self, inputs: Inputs, position: float, steps: int) -> None:
        """One step at `position` (0 to 1) of the run, after `steps` others."""
        set_rates(self.optimizers, schedule(position, self.options.warm_up))
        self.network.set_clamp(clamp_at(position, self.options))
        # A short memory at first: otherwise the start of the run would stay in the average for long.
        self._weight.fill_(1 - min(self.options.average, (1 + steps) / (10 + steps)))
        if self.device.type != "cuda":
            self._run(inputs)
        elif self._done < STEPS_BEFORE_RECORDING:
            self._run_aside(inputs)
        else:
            self._replay(inputs)
        self._done += 1

    def take_sums(self) -> tuple[float, float, float]:
        """Mean loss, share of right answers and mean penalty of the steps since the last call."""
        loss, right, penalty, steps = self._sums.tolist()
        self._sums.zero_()
        return loss / max(steps, 1), right / max(steps, 1), penalty / max(steps, 1)

    def _run_aside(self, inputs: Inputs) -> None:
        """On a stream of its own, as what is recorded later must not depend on the default stream."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self._run(inputs)
        torch.cuda.current_stream().wait_stream(stream)

    def _replay(self, inputs: Inputs) -> None:
        if self._recorded is None or self._inputs is None:
            targets = None if inputs.targets is None else inputs.targets.clone()
            self._inputs = Inputs(inputs.pixels.clone(), inputs.labels.clone(), targets)
            self._recorded = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._recorded):
                self._run(self._inputs)
        self._inputs.copy_(inputs)
        self._recorded.replay()

    def _run(self, inputs: Inputs) -> None:
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        with torch.autocast(self.device.type, torch.bfloat16, cache_enabled=False):
            scores, penalty = self._forward(inputs.pixels)
        loss = self._loss(scores.float(), inputs)
        total = loss + self.options.penalty * penalty
        if self.options.curvature_penalty:
            missing = self.network.missing_curvature(self.options.vertex_limit)
            total = total + self.options.curvature_penalty * missing
        total.backward()
        nn.utils.clip_grad_norm_(self._others, self.options.clip)
        for optimizer in self.optimizers:
            optimizer.step()
        self._average()
        right = (scores.detach().argmax(1) == inputs.labels).float().mean()
        self._sums += torch.stack([loss.detach(), right, penalty.detach(), torch.ones_like(loss)])

    def _loss(self, scores: Tensor, inputs: Inputs) -> Tensor:
        loss = F.cross_entropy(scores, inputs.labels, label_smoothing=self.options.label_smoothing)
        if inputs.targets is None:
            return loss
        heat = self.options.temperature
        told = F.kl_div(
            F.log_softmax(scores / heat, 1), F.log_softmax(inputs.targets / heat, 1), reduction="batchmean", log_target=True
        )
        return (1 - self.options.distillation) * loss + self.options.distillation * heat**2 * told

    @torch.no_grad()
    def _average(self) -> None:
        kept, new = _floating(self.averaged), _floating(self.network)
        differences = torch._foreach_sub(new, kept)
        torch._foreach_mul_(differences, self._weight)
        torch._foreach_add_(kept, differences)


def _floating(network: ResNet20) -> list[Tensor]:
    """Parameters and running averages; the counts of batches, which no evaluation reads, are left out."""
    return [tensor for tensor in network.state_dict().values() if tensor.is_floating_point()]
