"""An unfinished training on disk: one safetensors file, no pickles.

Tensors `method.*` (weights and buffers), `adam.{parameter}.*` (the optimiser's state) and
`best.*` (weights of the best epoch, where training may stop early); the metadata hold the
identity of the training and how far it is, as JSON, and a digest of it all: going on from a
flipped bit would train another encoder.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from speckle2vec.errors import UserError
from speckle2vec.products.whole import whole_file
from speckle2vec.progress import LOGGER
from speckle2vec.training.ranks import agree, meet, rank

METHOD, ADAM, BEST = "method.", "adam.", "best."
DIGEST = "sha256"


@dataclass
class Progress:
    """How far a training is; with the weights, all there is to know to go on."""

    epoch: int = 0
    """Epochs finished."""
    step: int = 0
    """Steps of the next epoch done."""
    loss_sum: float = 0.0
    """Sum of the losses of those steps."""
    history: list[dict[str, float]] = field(default_factory=list)
    """One row a finished epoch."""
    best: dict[str, Tensor] = field(default_factory=dict)
    """State of the method after the best epoch, where training may stop early."""


@dataclass(frozen=True)
class Checkpoint:
    """Where an unfinished training is kept, and which training may go on from it."""

    path: Path
    identity: str
    """Digest of all that makes a training what it is: settings, seed, data, code."""

    def save(self, method: nn.Module, optimizer: Optimizer, progress: Progress) -> None:
        """Write the state whole; a disk that is full costs the checkpoint, not the run.

        The first of several ranks writes for all.
        """
        if rank():
            return
        tensors = {
            **_state_tensors(METHOD, method.state_dict()),
            **_optimizer_tensors(optimizer),
            **_state_tensors(BEST, progress.best),
        }
        reached = asdict(replace(progress, best={}))
        about = {"identity": self.identity, "progress": json.dumps(reached)}
        try:
            with whole_file(self.path) as target:
                save_file(tensors, target, {**about, DIGEST: _digest(tensors, about)})
        except (OSError, SafetensorError) as error:
            LOGGER.warning(
                "%s: this checkpoint could not be written (%s); the training goes on, and an "
                "interruption would go back to the checkpoint before.", self.path, error,
            )  # fmt: skip

    def restore(self, method: nn.Module, optimizer: Optimizer) -> Progress:
        """Bring method and optimiser where the checkpoint left them, if there is one.

        A damaged checkpoint and one of another training are passed over, and said so.

        Raises:
            UserError: Ranks on several machines do not see the same checkpoint.
        """
        meet()
        progress = self._restore(method, optimizer)
        reached = {"epoch": float(progress.epoch), "step": float(progress.step)}
        if agree(reached, next(method.parameters()).device) != reached:
            raise UserError(
                f"{self.path}: is another checkpoint here than where the first rank runs; keep "
                "checkpoints in a folder that all ranks share, or remove them everywhere."
            )
        return progress

    def _restore(self, method: nn.Module, optimizer: Optimizer) -> Progress:
        if not self.path.exists():
            return Progress()
        try:
            with safe_open(self.path, framework="pt") as file:
                about = dict(file.metadata())
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            if about.pop(DIGEST) != _digest(tensors, about):
                raise ValueError("it has changed since it was written")
            progress = Progress(**json.loads(about["progress"]))
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
            LOGGER.warning("%s: is damaged (%s); training starts anew.", self.path, error)
            return Progress()
        if about.get("identity") != self.identity:
            LOGGER.warning(
                "%s: is of other settings, data or code; training starts anew.", self.path
            )
            return Progress()
        _put_back(method, optimizer, tensors)
        progress.best = _under(BEST, tensors)
        LOGGER.info("Going on after epoch %d, step %d.", progress.epoch, progress.step)
        return progress

    def remove(self) -> None:
        """Forget the training, once its products stand."""
        self.path.unlink(missing_ok=True)


def _digest(tensors: Mapping[str, Tensor], about: Mapping[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(dict(about), sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _state_tensors(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}{name}": tensor.contiguous() for name, tensor in state.items()}


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of one prefix, without it."""
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }


def _optimizer_tensors(optimizer: Optimizer) -> dict[str, Tensor]:
    state = optimizer.state_dict()["state"]
    return {
        f"{ADAM}{index}.{name}": tensor.contiguous()
        for index, values in state.items()
        for name, tensor in values.items()
    }


def _put_back(method: nn.Module, optimizer: Optimizer, tensors: Mapping[str, Tensor]) -> None:
    method.load_state_dict(_under(METHOD, tensors))
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Any]] = {}
    for name, tensor in _under(ADAM, tensors).items():
        index, moment = name.split(".")
        state.setdefault(int(index), {})[moment] = _laid_out(tensor, parameters[int(index)])
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _laid_out(tensor: Tensor, parameter: Tensor) -> Tensor:
    """The tensor in the memory order of its parameter, which Adam's kernels count on."""
    if tensor.shape != parameter.shape:
        return tensor
    return torch.empty_like(parameter, requires_grad=False).copy_(tensor)
