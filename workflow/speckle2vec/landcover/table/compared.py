"""Which runs on labels are compared, and whether they can be."""

import numpy as np

from speckle2vec.errors import UserError
from speckle2vec.landcover.table.cells import Cell
from speckle2vec.products.confusions import Confusion
from speckle2vec.products.labels import LabelClass


def compared_with(cell: Cell) -> tuple[str, float, str]:
    """What runs that are scored on the same pixels have in common."""
    return cell.features, cell.share, cell.split


def asked(found: Confusion, name: str) -> Confusion:
    """A run's confusion without blocks that hold no labelled pixel.

    Raises:
        UserError: No block holds one.
    """
    there = found.counts.sum(axis=(1, 2)) > 0
    if not there.any():
        raise UserError(
            f"results/landcover/{name}: counts no pixel; let `landcover.scored` name a split with "
            "labels, remove that folder and run the same command again."
        )
    blocks = tuple(block for block, kept in zip(found.blocks, there, strict=True) if kept)
    return Confusion(found.about, found.classes, blocks, found.counts[there])


def check_classes(
    cell: Cell, found: Confusion, first: Cell, classes: tuple[LabelClass, ...]
) -> None:
    """Refuse a run on other classes than the first of the table.

    Raises:
        UserError: They are others.
    """
    if found.classes != classes:
        told, wanted = (", ".join(one.name for one in some) for some in (found.classes, classes))
        raise UserError(
            f"{cell} was asked the classes {told}, and {first} the classes {wanted}: they cannot "
            "be compared; remove the folder of the older one in results/landcover and run the "
            "same command again."
        )


def check_pixels(cell: Cell, found: Confusion, first: Cell, than: Confusion) -> None:
    """Refuse a run on other pixels than the first of those it is compared with.

    Raises:
        UserError: Blocks, labelled pixels in a block, or the split are others.
    """
    same = found.blocks == than.blocks and np.array_equal(
        found.counts.sum(axis=2), than.counts.sum(axis=2)
    )
    if not same or found.about.get("scored") != than.about.get("scored"):
        raise UserError(
            f"{cell} and {first} were asked other test samples or labels ({_told(found)}, and "
            f"{_told(than)}) and cannot be compared; remove the folder of the older one in "
            "results/landcover and run the same command again."
        )


def _told(found: Confusion) -> str:
    return f"{found.counts.sum()} pixels of {len(found.blocks)} blocks"
