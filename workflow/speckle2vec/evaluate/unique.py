"""Ids that stand in a user's file once."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError


def check_unique(path: Path, ids: npt.NDArray[Any]) -> None:
    """Refuse a file that holds an id several times.

    Raises:
        UserError: It does; names the first such id in the order of the alphabet.
    """
    names, counts = np.unique(ids, return_counts=True)
    several = np.flatnonzero(counts > 1)
    if len(several):
        first = several[0]
        raise UserError(
            f"{path}: holds the id {names[first]} {counts[first]} times; each id may stand there "
            "once."
        )
