"""Shards in the layout of SSL4EO-S12 v1.1 (Blumenstiel et al. 2025, arXiv:2503.00168).

Simulated places and places cut from archives are written alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
import zarr

from speckle2vec.corpus.drawing import Drawing, Modality, Placed, Taken
from speckle2vec.products.stores import new_store


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
            index.append((drawing.place, drawing.acquisitions, drawing.notes))
        _dataset(index, modality).to_zarr(
            group.store, mode="a", zarr_format=2, consolidated=False, write_empty_chunks=True
        )
        group.attrs.update(dict(modality.attributes))


def _create(group: zarr.Group, modality: Modality, count: int) -> dict[str, zarr.Array[Any]]:
    dates, side, bands = modality.dates, modality.side, len(modality.bands)
    missing = float("nan") if modality.dtype.startswith("float") else None
    arrays = {
        "bands": _array(
            group, "bands", (count, dates, bands, side, side), modality.dtype, missing,
            ("sample", "time", "band", "y", "x"), {},
        )
    }  # fmt: skip
    if modality.cloud_classes:
        arrays["cloud_mask"] = _array(
            group, "cloud_mask", (count, dates, side, side), "uint8", None,
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


Index = list[tuple[Placed, Taken, Mapping[str, Sequence[str | int]]]]


def _dataset(index: Index, modality: Modality) -> xr.Dataset:
    """Everything beside the pixels."""
    places, dates, side = [place for place, *_ in index], modality.dates, modality.side
    per_date = ("sample", "time")
    ids = [[f"{place.sample_id}_{date}" for date in range(dates)] for place in places]
    times = np.array([taken.times for _, taken, _ in index], "datetime64[ns]")
    names = index[0][2] if index else ()
    notes = {name: (per_date, np.array([list(row[2][name]) for row in index])) for name in names}
    return xr.Dataset(
        {
            "center_lat": ("sample", np.array([place.latitude for place in places], np.float64)),
            "center_lon": ("sample", np.array([place.longitude for place in places], np.float64)),
            "crs": ("sample", np.array([place.epsg for place in places], np.int64)),
            "file_id": (per_date, _texts([list(taken.file_ids) for _, taken, _ in index], dates)),
            "sample_id": (per_date, _texts(ids, dates)),
            "time_": (per_date, times.reshape(-1, dates)),
            "x_": (("sample", "x"), _centres(places, 0, side)),
            "y_": (("sample", "y"), _centres(places, 1, side)),
            **notes,
        },
        coords={
            "band": list(modality.bands),
            "sample": np.array([place.sample_id for place in places], np.str_),
            "time": np.arange(dates),
            "x": np.arange(side),
            "y": np.arange(side),
        },
    )


def _texts(rows: list[list[str]], dates: int) -> npt.NDArray[np.str_]:
    return np.array(rows, np.str_).reshape(-1, dates)


def _centres(places: Sequence[Placed], axis: int, side: int) -> npt.NDArray[np.float64]:
    """UTM coordinates of the pixels' centres along one axis, metres, (sample, side)."""
    affines = [place.grid.affine for place in places]
    starts = [affine.c if axis == 0 else affine.f for affine in affines]
    steps = [affine.a if axis == 0 else affine.e for affine in affines]
    along = np.arange(side) + 0.5
    return np.array(starts, np.float64)[:, None] + np.array(steps, np.float64)[:, None] * along
