"""Shards in the layout of SSL4EO-S12 v1.1 (Blumenstiel et al. 2025, arXiv:2503.00168)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
import zarr

from speckle2vec.corpus.acquisitions import Acquisitions
from speckle2vec.corpus.places import DATES, PIXEL_M, SIDE, Place
from speckle2vec.products.stores import new_store

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Modality:
    """What the files of a modality hold."""

    bands: tuple[str, ...]
    dtype: str
    attributes: Mapping[str, str | float | bool]
    """Of the group: units, calibration, offset, and that it is simulated."""
    cloud_classes: str = ""
    """What the numbers of `cloud_mask` mean; empty where there is no mask."""


@dataclass(frozen=True)
class Drawing:
    """One sample, ready to be written."""

    place: Place
    acquisitions: Acquisitions
    images: Arrays
    """`bands` (date, band, y, x) and, for optical data, `cloud_mask` (date, y, x)."""


def write_shard(path: Path, modality: Modality, count: int, drawings: Iterable[Drawing]) -> None:
    """Write a shard sample by sample: Zarr v2 in a zip, dates in chunks of their own.

    Args:
        path: Where the `.zarr.zip` goes.
        modality: What it holds.
        count: Samples.
        drawings: The samples, in the order of their rows.
    """
    with new_store(path, zarr_format=2) as group:
        arrays = _create(group, modality, count)
        index = []
        for row, drawing in enumerate(drawings):
            for name, array in arrays.items():
                array[row] = drawing.images[name]
            index.append((drawing.place, drawing.acquisitions))
        _dataset(index, modality.bands).to_zarr(
            group.store, mode="a", zarr_format=2, consolidated=False, write_empty_chunks=True
        )
        group.attrs.update(dict(modality.attributes))


def _create(group: zarr.Group, modality: Modality, count: int) -> dict[str, zarr.Array[Any]]:
    bands = len(modality.bands)
    missing = float("nan") if modality.dtype.startswith("float") else None
    arrays = {
        "bands": _array(
            group, "bands", (count, DATES, bands, SIDE, SIDE), modality.dtype, missing,
            ("sample", "time", "band", "y", "x"), {},
        )
    }  # fmt: skip
    if modality.cloud_classes:
        arrays["cloud_mask"] = _array(
            group, "cloud_mask", (count, DATES, SIDE, SIDE), "uint8", None,
            ("sample", "time", "y", "x"), {"classes": modality.cloud_classes},
        )  # fmt: skip
    return arrays


def _array(
    group: zarr.Group,
    name: str,
    shape: tuple[int, ...],
    dtype: str,
    missing: float | None,
    dimensions: tuple[str, ...],
    attributes: Mapping[str, str],
) -> zarr.Array[Any]:
    return group.create_array(
        name, shape=shape, chunks=(1, 1, *shape[2:]), dtype=dtype, fill_value=missing,
        attributes={"_ARRAY_DIMENSIONS": list(dimensions), **attributes},
        config={"write_empty_chunks": True},
    )  # fmt: skip


def _dataset(index: list[tuple[Place, Acquisitions]], bands: tuple[str, ...]) -> xr.Dataset:
    """Everything beside the pixels."""
    places = [place for place, _ in index]
    per_date = ("sample", "time")
    ids = [[f"{place.sample_id}_{date}" for date in range(DATES)] for place in places]
    return xr.Dataset(
        {
            "center_lat": ("sample", np.array([place.latitude for place in places])),
            "center_lon": ("sample", np.array([place.longitude for place in places])),
            "crs": ("sample", np.array([place.epsg for place in places], np.int64)),
            "file_id": (per_date, np.array([list(times.file_ids) for _, times in index])),
            "sample_id": (per_date, np.array(ids)),
            "time_": (per_date, np.stack([times.times for _, times in index])),
            "x_": (("sample", "x"), np.stack([_centres(place, 0) for place in places])),
            "y_": (("sample", "y"), np.stack([_centres(place, 1) for place in places])),
        },
        coords={
            "band": list(bands),
            "sample": [place.sample_id for place in places],
            "time": np.arange(DATES),
            "x": np.arange(SIDE),
            "y": np.arange(SIDE),
        },
    )


def _centres(place: Place, axis: int) -> npt.NDArray[np.float64]:
    """UTM coordinates of the pixels' centres along one axis, metres."""
    affine = place.grid.affine
    start, step = (affine.c, PIXEL_M) if axis == 0 else (affine.f, -PIXEL_M)
    return np.asarray(start + step * (np.arange(SIDE) + 0.5), np.float64)
