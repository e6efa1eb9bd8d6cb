"""Cubes on disk: named features of the accepted samples of one shard.

A zip of one Zarr group with the arrays `cubes` (sample, feature, y, x), `sample_id`
(sample), `row` (sample, row in the raw shard), `dates` (sample, date; milliseconds since
1970, in the order of the features), and each sample's moments `count`, `mean` and
`squares` (sample, feature; squares are the summed squared deviations). A feature set may
record more numbers a sample.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from speckle2vec.errors import UserError
from speckle2vec.products.belonging import check_belongs, of_shard
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.moments import Moments
from speckle2vec.products.refused import refused
from speckle2vec.products.stores import open_store, stored, stored_samples

INDEX = ("sample_id", "row", "dates", "count", "mean", "squares")
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class CubeShard:
    """An open shard of cubes: pixels are read when asked for, the rest is here."""

    cubes: zarr.Array[Any]
    sample_ids: tuple[str, ...]
    rows: npt.NDArray[np.int64]
    dates: npt.NDArray[np.datetime64]
    """Acquisition dates in the order of the features, (sample, date); NaT where unknown."""
    moments: Moments
    features: tuple[str, ...]
    attributes: Mapping[str, Any]

    def read(self, start: int, stop: int) -> FloatArray:
        """Cubes of consecutive samples, (sample, feature, y, x), in the stored type."""
        return stored(self.cubes, slice(start, stop))

    def take(self, positions: npt.NDArray[np.int64]) -> FloatArray:
        """Cubes of some samples, (sample, feature, y, x), in the stored type."""
        return stored_samples(self.cubes, positions)


def digest_of_cubes(attributes: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over that of every shard of cubes, of their attributes in the order of the keys."""
    digests = (str(one.get("sha256")) for one in attributes)
    return hashlib.sha256("".join(digests).encode()).hexdigest()


@contextmanager
def open_cubes(path: Path, key: ShardKey | None = None) -> Iterator[CubeShard]:
    """Open a shard of cubes for reading.

    Args:
        path: The product.
        key: The shard that it has to be of.

    Raises:
        UserError: The file is missing or damaged, or of another shard.
    """
    with open_store(path) as group:
        with refused(path):
            missing = [name for name in INDEX if name not in group]
        if missing:
            raise UserError(
                f"{path}: lacks {', '.join(missing)}: it is damaged, or of an older version; "
                "remove it and run the same command again."
            )
        with refused(path):
            shard = _shard_of(group)
        check_belongs(path, shard.attributes, of_shard(key))
        yield shard


def _shard_of(group: zarr.Group) -> CubeShard:
    arrays = {name: np.asarray(group[name][...]) for name in INDEX}  # type: ignore[index]
    return CubeShard(
        cubes=group["cubes"],  # type: ignore[arg-type]
        sample_ids=tuple(str(name) for name in arrays["sample_id"]),
        rows=arrays["row"],
        dates=arrays["dates"].astype("datetime64[ms]"),
        moments=Moments(arrays["count"], arrays["mean"], arrays["squares"]),
        features=tuple(group.attrs["features"]),  # type: ignore[arg-type]
        attributes=dict(group.attrs),
    )
