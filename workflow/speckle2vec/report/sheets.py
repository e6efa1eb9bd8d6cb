"""Small pictures of all shown samples, many on one sheet, shard by shard."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.products.cubes import CubeShard, open_cubes
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.statistics import Statistics
from speckle2vec.progress import track
from speckle2vec.report.pixels import as_uri, thumbnails

SIDES = ((1500, 64), (6000, 48))
"""Up to so many samples, pictures have this side, pixels."""
SMALLEST = 32
SHEET = 1024
"""Side of a sheet, pixels."""
TOGETHER = 64
"""Cubes read at a time."""
ByteArray = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Sheets:
    """Pictures in the order of the samples, line by line on sheets of `across` x `across`."""

    uris: tuple[str, ...]
    side: int
    across: int


def side_for(samples: int) -> int:
    """Side of each picture, so that the page stays small."""
    return next((side for most, side in SIDES if samples <= most), SMALLEST)


def draw_sheets(
    folder: Path, ids: Mapping[ShardKey, Sequence[str]], statistics: Statistics
) -> Sheets:
    """Draw every sample; memory holds one sheet and a few cubes.

    Args:
        folder: Folder of the cubes.
        ids: The samples of each shard, in the order of the embeddings.
        statistics: What the features' colours are scaled by.

    Raises:
        UserError: A part is missing or damaged, or its samples are not those.
    """
    side = side_for(sum(map(len, ids.values())))
    across = SHEET // side
    sheets, uris, done = np.zeros((across * side,) * 2 + (3,), np.uint8), list[str](), 0
    for picture in pictures(folder, ids, statistics, side):
        line, column = divmod(done % across**2, across)
        sheets[line * side : (line + 1) * side, column * side : (column + 1) * side] = picture
        done += 1
        if done % across**2 == 0:
            uris.append(as_uri(sheets))
            sheets[:] = 0
    if rest := done % across**2:
        uris.append(as_uri(sheets[: -(-rest // across) * side]))
    return Sheets(tuple(uris), side, across)


def pictures(
    folder: Path, ids: Mapping[ShardKey, Sequence[str]], statistics: Statistics, side: int
) -> Iterator[ByteArray]:
    """The picture (side, side, 3) of each sample in turn; a few cubes are held at a time.

    Raises:
        UserError: A part is missing or damaged, or its samples are not those.
    """
    for key, names in track(ids.items(), len(ids), "Drawing small pictures"):
        path = key.part(folder, ".zarr.zip")
        with open_cubes(path) as shard:
            check_features(shard, statistics, path)
            here = places_of(names, shard, path)
            if (np.diff(here) < 0).any():
                raise UserError(
                    f"{path}: holds its samples in another order than the embeddings; remove the "
                    "embeddings of this shard and run the same command again."
                )
            for start in range(0, len(here), TOGETHER):
                yield from thumbnails(shard.take(here[start : start + TOGETHER]), statistics, side)


def places_of(names: Sequence[str], shard: CubeShard, path: Path) -> npt.NDArray[np.int64]:
    """Where samples stand in a shard of cubes.

    Raises:
        UserError: It has no cube of one.
    """
    places = {name: place for place, name in enumerate(shard.sample_ids)}
    if missing := [name for name in names if name not in places]:
        raise UserError(
            f"{path}: has no cube of {missing[0]}, which has an embedding; remove the embeddings "
            "of its shard and run the same command again."
        )
    return np.array([places[name] for name in names], np.int64)


def check_features(shard: CubeShard, statistics: Statistics, path: Path) -> None:
    """Refuse cubes of other features than the statistics.

    Raises:
        UserError: They are.
    """
    if shard.features != statistics.features:
        raise UserError(
            f"{path}: holds the features {', '.join(shard.features)}, the statistics are of "
            f"{', '.join(statistics.features)}; remove the older file and run the same command "
            "again."
        )
