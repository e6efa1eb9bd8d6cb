"""Cubes on disk: named features of the accepted samples of one shard.

A zip of one Zarr group with the arrays `cubes` (sample, feature, y, x), `sample_id`
(sample), `row` (sample, row in the raw shard), `dates` (sample, date; milliseconds since
1970, in the order of the features), and each sample's moments `count`, `mean` and
`squares` (sample, feature; squares are the summed squared deviations). A feature set may
record more numbers a sample.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from speckle2vec.products.stores import new_store, open_store

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
        return np.asarray(self.cubes[start:stop])

    def take(self, positions: npt.NDArray[np.int64]) -> FloatArray:
        """Cubes of some samples, (sample, feature, y, x), in the stored type."""
        return np.asarray(self.cubes.oindex[positions])


def moments_of(cubes: FloatArray) -> Moments:
    """Moments of each feature of each sample of (sample, feature, y, x), in float64."""
    values = cubes.astype(np.float64)
    finite = np.isfinite(values)
    count = finite.sum(axis=(2, 3)).astype(np.float64)
    values[~finite] = 0
    mean = values.sum(axis=(2, 3)) / np.maximum(count, 1)
    values -= mean[:, :, None, None]
    values[~finite] = 0
    return Moments(count, mean, np.square(values, out=values).sum(axis=(2, 3)))


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
    """Write a shard of cubes, one chunk a sample, block by block.

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
    total = len(sample_ids)
    with new_store(path) as group:
        array = group.create_array(
            "cubes", shape=(total, *shape), chunks=(1, *shape), dtype=dtype,
            dimension_names=("sample", "feature", "y", "x"), fill_value=float("nan"),
            chunk_key_encoding={"name": "default", "separator": "."},
        )  # fmt: skip
        digest, moments, start = hashlib.sha256(), [], 0
        for block in blocks:
            array[start : start + len(block)] = block
            digest.update(np.ascontiguousarray(block).tobytes())
            moments.append(moments_of(block))
            start += len(block)
        if start != total:
            raise ValueError(f"{path}: {start} cubes for {total} samples.")
        _write_moments(group, shape[0], moments)
        unknown = np.full((total, 1), np.datetime64("NaT"))
        known = (unknown if dates is None else dates).astype("datetime64[ms]")
        group.create_array("sample_id", data=np.array(sample_ids, dtype=np.dtypes.StringDType()))
        group.create_array("row", data=np.array(rows, dtype=np.int64))
        group.create_array("dates", data=known.astype(np.int64))
        for name, values in (records or {}).items():
            group.create_array(name, data=values)
        group.attrs.update({**attributes, "sha256": digest.hexdigest()})


def _write_moments(group: zarr.Group, features: int, moments: Sequence[Moments]) -> None:
    for name in ("count", "mean", "squares"):
        parts = [getattr(part, name) for part in moments]
        data = np.concatenate(parts) if parts else np.zeros((0, features))
        group.create_array(name, data=data)


@contextmanager
def open_cubes(path: Path) -> Iterator[CubeShard]:
    """Open a shard of cubes for reading.

    Raises:
        UserError: The file is missing or damaged.
    """
    with open_store(path) as group:
        arrays = {
            name: np.asarray(group[name][...])  # type: ignore[index]
            for name in ("sample_id", "row", "dates", "count", "mean", "squares")
        }
        yield CubeShard(
            cubes=group["cubes"],  # type: ignore[arg-type]
            sample_ids=tuple(str(name) for name in arrays["sample_id"]),
            rows=arrays["row"],
            dates=arrays["dates"].astype("datetime64[ms]"),
            moments=Moments(arrays["count"], arrays["mean"], arrays["squares"]),
            features=tuple(group.attrs["features"]),  # type: ignore[arg-type]
            attributes=dict(group.attrs),
        )
