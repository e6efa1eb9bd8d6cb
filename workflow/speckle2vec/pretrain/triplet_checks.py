"""Whether there are neighbours and distant tiles to draw, told before training starts."""

from pathlib import Path

import torch

from speckle2vec.errors import UserError
from speckle2vec.pretrain.places import TRIES, Places
from speckle2vec.pretrain.places_table import read_places
from speckle2vec.progress import LOGGER
from speckle2vec.training.samples import Samples, Source


def places_of(table: Path | None, source: Source, device: torch.device) -> Places:
    """Who is near whom among the samples of a split.

    Raises:
        UserError: There is no table, or it is damaged.
    """
    if table is None:
        raise UserError(
            "Tile2Vec draws from a table of neighbours and none was given; make it with "
            "`speckle2vec neighbours` and pass it as `--neighbours`, or set "
            "`pretrain.tile2vec.neighbour` to `patch`."
        )
    return read_places(table, source.ids).to(device)


def check_known(places: Places, samples: Samples) -> None:
    """Say how many training samples have no neighbour, and how many nothing but neighbours.

    Raises:
        UserError: None has a neighbour.
    """
    total = len(samples.train)
    unknown = total - int(places.known(torch.arange(total, device=places.reach.device)).sum())
    if unknown == total:
        raise UserError(
            f"{samples.neighbours}: holds none of the {total} training samples with a neighbour; "
            "the table is of other shards, or the samples have no position. Make it again with "
            "`speckle2vec neighbours`, or set `pretrain.tile2vec.neighbour` to `patch`."
        )
    if unknown:
        LOGGER.warning(
            "%d of %d training samples have no known position or no neighbour; they are drawn "
            "as distant tiles only.", unknown, total,
        )  # fmt: skip
    enclosed = places.enclosed()
    if enclosed:
        LOGGER.warning(
            "For %d of %d training samples, all others looked at are neighbours; the farthest of "
            "%d drawn at random stands in for a distant one. Lower `neighbours.radius` to tell "
            "them apart.", enclosed, total, TRIES,
        )  # fmt: skip


def check_room(shape: tuple[int, int, int], side: int) -> None:
    """See that patches (feature, y, x) have room for another crop of `side` pixels.

    Raises:
        UserError: They have not.
    """
    if max(shape[1:]) <= side:
        raise UserError(
            f"`pretrain.tile2vec.neighbour` is `patch`, but the patches are {shape[1]} x "
            f"{shape[2]} pixels and the crops {side}, so there is no other crop of a patch; set "
            "it to `table`, or take smaller crops by `pretrain.crop` where patches are larger "
            "than 32 pixels."
        )
