"""One sentence for every product that cannot be read."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile

import pyarrow as pa
from safetensors import SafetensorError

from speckle2vec.errors import UserError

TROUBLES = (
    OSError,
    EOFError,
    RuntimeError,
    zlib.error,
    BadZipFile,
    pa.ArrowException,
    SafetensorError,
    LookupError,
    TypeError,
    ValueError,
    StopIteration,
)


@contextmanager
def refused(path: Path, kind: str = "", command: str = "") -> Iterator[None]:
    """Say of a product that it is missing or damaged, whatever the body stumbles over.

    Args:
        path: The product.
        kind: What it should be, such as `table of neighbours`.
        command: What makes it by hand, such as `speckle2vec neighbours`.

    Raises:
        UserError: The body could not read the product.
    """
    try:
        yield
    except TROUBLES as error:
        ailing = f"is missing, damaged or no {kind}" if kind else "is missing or damaged"
        otherwise = f", or make it with `{command}`" if command else ""
        cause = " ".join(str(error).split()) or type(error).__name__
        raise UserError(
            f"{path}: {ailing} ({cause}); remove it and run the same command again{otherwise}."
        ) from error
