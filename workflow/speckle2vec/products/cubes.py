"""Cubes on disk: named features of the accepted samples of one shard.

A zip of one Zarr group with the arrays `cubes` (sample, feature, y, x), `sample_id`
(sample), `row` (sample, row in the raw shard), `dates` (sample, date; milliseconds since
1970, in the order of the features), and each sample's moments `count`, `mean` and
`squares` (sample, feature; squares are the summed squared deviations). A feature set may
record more numbers a sample.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from speckle2vec.products.refused import refused
from speckle2vec.products.stores import new_store, open_store, stored, stored_samples

INDEX = ("sample_id", "row", "dates", "count", "mean", "squares")
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Moments:
    """Count, mean and summed squared deviations of each feature of each sample.

    All three are (sample, feature), float64, over the finite pixels.
    """

    count: npt.NDArray[np.float64]
    mean: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]


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


def moments_of(cubes: FloatArray) -> Moments:
    """Moments of each feature of each sample of (sample, feature, y, x), in float64."""
    empty = np.zeros((len(cubes), cubes.shape[1]))
    moments = Moments(empty, empty.copy(), empty.copy())
    for row, cube in enumerate(cubes):  # one at a time stays in the processor's cache
        values = cube.reshape(len(cube), -1).astype(np.float64)
        missing = ~np.isfinite(values)
        moments.count[row] = values.shape[1] - missing.sum(axis=1)
        _clear(values, missing)
        moments.mean[row] = values.sum(axis=1) / np.maximum(moments.count[row], 1)
        values -= moments.mean[row, :, None]
        _clear(values, missing)
        moments.squares[row] = np.square(values, out=values).sum(axis=1)
    return moments


def _clear(values: npt.NDArray[np.float64], missing: npt.NDArray[np.bool_]) -> None:
    if missing.any():
        values[missing] = 0


class CubeWriter:
    """A shard of cubes that is being written, one chunk a sample, block by block."""

    def __init__(
        self, group: zarr.Group, at_most: int, shape: tuple[int, int, int], dtype: str
    ) -> None:
        self._group, self._features, self._room, self.count = group, shape[0], at_most, 0
        self._digest, self._moments = hashlib.sha256(), list[Moments]()
        self._array = group.create_array(
            "cubes", shape=(at_most, *shape), chunks=(1, *shape), dtype=dtype,
            dimension_names=("sample", "feature", "y", "x"), fill_value=float("nan"),
            chunk_key_encoding={"name": "default", "separator": "."},
        )  # fmt: skip

    def add(self, block: FloatArray) -> None:
        """Write the next cubes, (sample, feature, y, x)."""
        self._array[self.count : self.count + len(block)] = block
        self._digest.update(np.ascontiguousarray(block).tobytes())
        self._moments.append(moments_of(block))
        self.count += len(block)

    def describe(
        self,
        sample_ids: Sequence[str],
        rows: Sequence[int],
        attributes: Mapping[str, Any],
        dates: npt.NDArray[np.datetime64] | None = None,
        records: Mapping[str, npt.NDArray[Any]] | None = None,
    ) -> None:
        """Write what is known of the cubes that were added; arguments as of `write_cubes`."""
        if len(sample_ids) != self.count:
            raise ValueError(f"{self.count} cubes for {len(sample_ids)} samples.")
        if self.count < self._room:
            self._array.resize((self.count, *self._array.shape[1:]))
        _write_moments(self._group, self._features, self._moments)
        unknown = np.full((self.count, 1), np.datetime64("NaT"))
        known = (unknown if dates is None else dates).astype("datetime64[ms]")
        names = np.array(sample_ids, dtype=np.dtypes.StringDType())
        self._group.create_array("sample_id", data=names)
        self._group.create_array("row", data=np.array(rows, dtype=np.int64))
        self._group.create_array("dates", data=known.astype(np.int64))
        for name, values in (records or {}).items():
            self._group.create_array(name, data=values)
        self._group.attrs.update({**attributes, "sha256": self._digest.hexdigest()})


@contextmanager
def new_cubes(
    path: Path, at_most: int, shape: tuple[int, int, int], dtype: str = "float32"
) -> Iterator[CubeWriter]:
    """Write a shard of cubes of which it shows only at the end how many there are.

    Args:
        path: The product, `results/cubes/{features}/{corpus}/{shard}.zarr.zip`.
        at_most: More cubes there will not be.
        shape: Feature, y, x of one cube.
        dtype: `float32`, or `float16` for native patches.

    Yields:
        The writer: `add` blocks, then `describe` them once.
    """
    with new_store(path) as group:
        yield CubeWriter(group, at_most, shape, dtype)


def write_cubes(
    path: Path,
    blocks: Iterator[FloatArray],
    sample_ids: Sequence[str],
    rows: Sequence[int],
    shape: tuple[int, int, int],
    attributes: Mapping[str, Any],
    dates: npt.NDArray[np.datetime64] | None = None,
    dtype: str = "float32",
    records: Mapping[str, npt.NDArray[Any]] | None = None,
) -> None:
    """Write a shard of cubes whose samples are known.

    Args:
        path: The product, `results/cubes/{features}/{corpus}/{shard}.zarr.zip`.
        blocks: Consecutive blocks (sample, feature, y, x), together one a sample id.
        sample_ids: Ids of the accepted samples.
        rows: Their rows in the raw shard.
        shape: Feature, y, x of one cube.
        attributes: `features` (their names), units, nodata rule and recipe.
        dates: Acquisition dates in the order of the features, (sample, date).
        dtype: `float32`, or `float16` for native patches.
        records: More arrays by name, one entry a sample.
    """
    with new_cubes(path, len(sample_ids), shape, dtype) as writer:
        for block in blocks:
            writer.add(block)
        writer.describe(sample_ids, rows, attributes, dates, records)


def _write_moments(group: zarr.Group, features: int, moments: Sequence[Moments]) -> None:
    for name in ("count", "mean", "squares"):
        parts = [getattr(part, name) for part in moments]
        data = np.concatenate(parts) if parts else np.zeros((0, features))
        group.create_array(name, data=data)


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
