"""Several processes that train one model together, as `torchrun` starts them."""

import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor, distributed
from torch.autograd.function import FunctionCtx

from speckle2vec.errors import UserError
from speckle2vec.settings.training import Pretrain

CONTIGUOUS = torch.contiguous_format
_apart = ContextVar("apart", default=False)


def world() -> int:
    """How many ranks work together; 1 without `torchrun`, and inside `apart`."""
    together = distributed.is_available() and distributed.is_initialized() and not _apart.get()
    return distributed.get_world_size() if together else 1


def rank() -> int:
    """The number of this rank, from 0; 0 without `torchrun`."""
    return int(os.environ.get("RANK", "0"))


def beside() -> int:
    """How many ranks share this machine and its memory."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1"))


def gather(values: Tensor) -> Tensor:
    """The values (own sample, ...) of all ranks, in the order of the ranks: (sample, ...).

    A loss that contrasts samples gathers its embeddings first, so that the negatives are
    those of the whole batch. Gradients flow back to the rank that each value comes from,
    summed over the ranks' losses: with gradients averaged over the ranks afterwards, a loss
    that is the same on every rank has the gradient of one rank that sees the whole batch.
    Without other ranks these are the values themselves.

    Args:
        values: As many on every rank.
    """
    if world() == 1:
        return values
    return _Gathered.apply(values)  # type: ignore[no-any-return,no-untyped-call]


class _Gathered(torch.autograd.Function):
    """All ranks' values; torch's own gather with gradients is in no public interface."""

    @staticmethod
    def forward(ctx: FunctionCtx, values: Tensor) -> Tensor:  # noqa: ARG004
        parts = [torch.empty_like(values, memory_format=CONTIGUOUS) for _ in range(world())]
        distributed.all_gather(parts, values.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> Tensor:  # noqa: ARG004
        summed = gradient.clone(memory_format=CONTIGUOUS)
        distributed.all_reduce(summed)
        return summed[own_share(len(summed))]


def own_share(samples: int) -> slice:
    """The samples of a whole batch that are this rank's: one consecutive part each."""
    share = samples // world()
    start = rank() * share if world() > 1 else 0
    return slice(start, start + share)


def average(tensors: Iterable[Tensor]) -> None:
    """Replace float32 tensors by their means over the ranks, in place, in one exchange."""
    if world() == 1:
        return
    several = list(tensors)
    flat = torch.cat([tensor.reshape(-1) for tensor in several])
    distributed.all_reduce(flat)
    flat /= world()
    means = torch.split(flat, [tensor.numel() for tensor in several])
    for tensor, mean in zip(several, means, strict=True):
        tensor.copy_(mean.view_as(tensor))


def agree(figures: Mapping[str, float], device: torch.device) -> dict[str, float]:
    """The figures of rank 0, which hold for all: every rank must decide alike."""
    if world() == 1:
        return dict(figures)
    values = torch.tensor(list(figures.values()), dtype=torch.float64, device=device)
    distributed.broadcast(values, src=0)
    return dict(zip(figures, values.tolist(), strict=True))


def meet() -> None:
    """Wait until every rank has come this far."""
    if world() > 1:
        distributed.barrier()


@contextmanager
def apart() -> Iterator[None]:
    """Within, this rank works as if it were alone: the whole of a batch is its own."""
    token = _apart.set(True)
    try:
        yield
    finally:
        _apart.reset(token)


@contextmanager
def joined(settings: Pretrain) -> Iterator[None]:
    """Take this process into the group that `torchrun` has started; alone, do nothing.

    Raises:
        UserError: `torchrun` started another number of ranks than the settings name: the
            weights depend on it, so the settings have to say it.
    """
    started = int(os.environ.get("WORLD_SIZE", "1"))
    if started != settings.ranks:
        raise UserError(
            f"`pretrain.ranks` is {settings.ranks} and torchrun has started {started}; set "
            f"`pretrain.ranks` to {started}, or call torchrun with {settings.ranks}."
        )
    if started == 1:
        yield
        return
    on_gpus = settings.device != "cpu" and torch.cuda.is_available()
    distributed.init_process_group("nccl" if on_gpus else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def launch(ranks: int, arguments: Sequence[str]) -> int:
    """Run this command line on several ranks of this machine, as `torchrun --standalone`.

    Returns:
        The exit status. Each rank tells its own errors, in a sentence that torchrun's
        account of its processes would bury.

    Raises:
        UserError: A rank was ended from outside.
    """
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    config = LaunchConfig(
        min_nodes=1, max_nodes=1, nproc_per_node=ranks, rdzv_backend="c10d",
        rdzv_endpoint="localhost:0", run_id=str(os.getpid()), max_restarts=0,
    )  # fmt: skip
    try:
        elastic_launch(config, sys.executable)("-m", "speckle2vec", *arguments)
    except ChildFailedError as error:
        number, failure = error.get_first_failure()
        if failure.exitcode < 0:
            raise UserError(
                f"Rank {number} was ended by signal {-failure.exitcode} (9 is often a want of "
                "memory: lower `pretrain.memory_gb` or `pretrain.batch_size`); the last checkpoint "
                "is kept, and the same command goes on from it."
            ) from None
        return int(failure.exitcode)
    return 0
