"""How cubes are written; `products.cubes` says what a shard of them holds."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from speckle2vec.products.cubes import FloatArray
from speckle2vec.products.moments import Moments, moments_of
from speckle2vec.products.stores import new_store


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
