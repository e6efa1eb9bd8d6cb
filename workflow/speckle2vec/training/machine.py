"""What the training runs on: device, threads, precision, compiler."""

import os
import shutil
from contextlib import AbstractContextManager
from dataclasses import replace

import torch
from torch import nn

from speckle2vec.errors import UserError
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.method import Method
from speckle2vec.training.ranks import world
from speckle2vec.training.samples import HeldSource, Samples, Source

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
DEVICE_SHARE = 0.5
COMPILERS = ("c++", "g++", "clang++")


def choose_device(wanted: str, group: str = Pretrain.group) -> torch.device:
    """The device of a setting; `auto` takes a GPU where there is one, each rank its own.

    Raises:
        UserError: A GPU is asked for and there is none.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise UserError(
            f"`{group}.device` is `cuda`, but torch finds no GPU here; set it to `auto` or `cpu`, "
            "or install a torch that knows the GPU."
        )
    if wanted == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def prepare(method: Method, settings: Pretrain) -> torch.device:
    """Bring a method to its device, in the memory order its convolutions are quickest in.

    On several GPUs batch normalisation sees the batch of all; on a CPU each rank its share,
    and the running statistics of the first rank are kept.

    Raises:
        UserError: There is no such device, or nothing to compile with.
    """
    device = choose_device(settings.device, settings.group)
    torch.set_num_threads(settings.threads)
    if device.type == "cuda":
        torch.cuda.set_device(device)
        if world() > 1:
            nn.SyncBatchNorm.convert_sync_batchnorm(method)  # type: ignore[no-untyped-call]
    method.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if settings.compile:
        _check_compiler()
        _compile(method)
    return device


def near(samples: Samples, device: torch.device) -> Samples:
    """The samples on the GPU, where they are held in memory and fit half of its free memory."""
    train = _near(samples.train, device)
    held_out = train if samples.held_out is samples.train else _near(samples.held_out, device)
    return replace(samples, train=train, held_out=held_out)


def _near(source: Source, device: torch.device) -> Source:
    if device.type != "cuda" or not isinstance(source, HeldSource):
        return source
    room = torch.cuda.mem_get_info(device)[0] * DEVICE_SHARE
    if source.patches.nbytes > room:
        return source
    return replace(source, patches=source.patches.to(device))


def precision(settings: Pretrain, device: torch.device) -> AbstractContextManager[None]:
    """The arithmetic of forward passes; in float32 nothing is cast."""
    dtype = PRECISIONS[settings.precision]
    return torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32)


def _compile(method: Method) -> None:
    """Compile the networks; losses and random numbers around them stay as they are.

    Some methods call the two halves of an encoder by themselves.
    """
    encoder = method.encoder
    for name in ("feature_map", "pool"):
        setattr(encoder, name, torch.compile(getattr(encoder, name)))
    for name, network in method.named_children():
        if name != "encoder":
            network.compile()


def _check_compiler() -> None:
    if not any(map(shutil.which, (os.environ.get("CXX", "c++"), *COMPILERS))):
        raise UserError(
            "`pretrain.compile` needs a C++ compiler and none is found; install one (g++), or set "
            "`pretrain.compile` to false."
        )
