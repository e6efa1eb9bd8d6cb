"""What the training runs on: device, threads, precision, compiler."""

import os
import shutil
from contextlib import AbstractContextManager

import torch

from speckle2vec.errors import UserError
from speckle2vec.settings.training import Pretrain
from speckle2vec.training.method import Method

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
COMPILERS = ("c++", "g++", "clang++")


def choose_device(wanted: str) -> torch.device:
    """The device of a setting; `auto` takes a GPU where there is one.

    Raises:
        UserError: A GPU is asked for and there is none.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise UserError(
            "`pretrain.device` is `cuda`, but torch finds no GPU here; set it to `auto` or `cpu`, "
            "or install a torch that knows the GPU."
        )
    found = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(found if wanted == "auto" else wanted)


def prepare(method: Method, settings: Pretrain) -> torch.device:
    """Bring a method to its device, in the memory order its convolutions are quickest in.

    Raises:
        UserError: There is no such device, or nothing to compile with.
    """
    device = choose_device(settings.device)
    torch.set_num_threads(settings.threads)
    method.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if settings.compile:
        _check_compiler()
        method.encoder.compile()
    return device


def precision(settings: Pretrain, device: torch.device) -> AbstractContextManager[None]:
    """The arithmetic of forward passes; in float32 nothing is cast."""
    dtype = PRECISIONS[settings.precision]
    return torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32)


def _check_compiler() -> None:
    if not any(map(shutil.which, (os.environ.get("CXX", "c++"), *COMPILERS))):
        raise UserError(
            "`pretrain.compile` needs a C++ compiler and none is found; install one (g++), or set "
            "`pretrain.compile` to false."
        )
