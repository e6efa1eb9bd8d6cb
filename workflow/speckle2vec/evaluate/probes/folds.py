"""Folds of whole blocks, so that no fold is asked about places beside those it was shown."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import GroupKFold

from speckle2vec.errors import UserError

Fold = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]


def block_folds(blocks: npt.NDArray[Any], labels: npt.NDArray[Any], folds: int) -> Sequence[Fold]:
    """Rows to fit on and rows to ask, fold by fold; blocks stay whole.

    Args:
        blocks: Block of each sample, (sample).
        labels: Their labels, (sample).
        folds: How many folds.

    Raises:
        UserError: There are fewer blocks than folds, or a fold leaves one class alone.
    """
    found = len(np.unique(blocks))
    if found < folds:
        raise UserError(
            f"The probe chooses its strength over {folds} folds of whole blocks, but the "
            f"{len(blocks)} labelled training samples lie in {found}; lower `probes.folds` or "
            "`splits.block_km`, or label more places."
        )
    split = list(GroupKFold(folds).split(np.zeros(len(blocks)), groups=blocks))
    if labels.dtype.kind != "f":
        for fitted, _ in split:
            _check_classes(labels[fitted], folds)
    return split


def _check_classes(labels: npt.NDArray[Any], folds: int) -> None:
    if len(np.unique(labels)) < 2:
        raise UserError(
            f"Without one of the {folds} folds of blocks, the training samples are all of the "
            f"class {str(labels[0])!r}; label more places, or change `probes.folds`."
        )
