"""What an SSL4EO-S12 v1.1 Zarr group says of its samples (Blumenstiel et al. 2025).

The Zarr release has the dimensions (sample, time, band, y, x); a member of the WebDataset
release lacks `sample` and is taken as one sample.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
import zarr
from odc.geo.geobox import GeoBox

from speckle2vec.errors import UserError
from speckle2vec.readers.archives import dimensions, read_variable
from speckle2vec.readers.base import POLARISATIONS
from speckle2vec.readers.positions import grid_around, grid_from_axes
from speckle2vec.settings.corpora import OPTICAL_BANDS

PIXELS = ("sample", "time", "band", "y", "x")
_AXES = {
    "bands": PIXELS, "sample": ("sample",), "band": ("band",), "crs": ("sample",),
    "center_lat": ("sample",), "center_lon": ("sample",), "time": ("sample", "time"),
    "file_id": ("sample", "time"),
    "time_": ("sample", "time"), "x_": ("sample", "x"), "y_": ("sample", "y"),
}  # fmt: skip
_SHORT_BAND = re.compile(r"^B(\d)$")
MOST_NUMBERS, MOST_CHUNK_BYTES = 2**33, 2**31
"""Fifty times a published shard; a read holds a few chunks."""
_SMALLEST_NANOSECONDS = 1_000_000


class LayoutError(UserError):
    """A Zarr group lacks what an SSL4EO-S12 v1.1 group has."""


def sizes(group: zarr.Group, where: str) -> dict[str, int]:
    """Length of each of the five dimensions of `bands`; `sample` is 1 where it lacks.

    Raises:
        LayoutError: There is no `bands`, or it has other dimensions.
    """
    if "bands" not in group:
        raise LayoutError(f"{where}: holds no `bands`; it is no SSL4EO-S12 v1.1 file.")
    array = group["bands"]
    assert isinstance(array, zarr.Array)
    found = dict(zip(dimensions(array, PIXELS), array.shape, strict=False))
    if set(found) | {"sample"} != set(PIXELS) or len(found) != array.ndim:
        raise LayoutError(
            f"{where}: `bands` has the shape {array.shape} and the dimensions "
            f"{', '.join(found)}, not {', '.join(PIXELS)}."
        )
    lengths = {"sample": 1, **found}
    _check_lengths(array, lengths, where)
    return lengths


def _check_lengths(array: zarr.Array[Any], lengths: Mapping[str, int], where: str) -> None:
    """Refuse what no release has, and no memory holds, before anything is read."""
    chunk = math.prod(array.chunks) * array.dtype.itemsize
    if math.prod(lengths.values()) > MOST_NUMBERS or chunk > MOST_CHUNK_BYTES:
        raise LayoutError(
            f"{where}: `bands` declares the shape {array.shape} in chunks of {array.chunks}, more "
            "than any release of SSL4EO-S12 holds; the file is damaged, or not what it claims."
        )


def polarisation_order(
    group: zarr.Group, where: str, bands: int, unnamed: Sequence[str] = ()
) -> list[int]:
    """Positions of VV and VH on the axis `band`, found by name in any case.

    Args:
        group: The open group.
        where: The file, for the error.
        bands: Length of the axis.
        unnamed: What the bands are where the file does not name them.

    Raises:
        LayoutError: VV or VH is missing, or the number of bands is not that of the names.
    """
    return _band_order(group, where, bands, POLARISATIONS, unnamed, "S1GRD")


def optical_order(group: zarr.Group, where: str, bands: int) -> list[int]:
    """Positions of the bands of Sentinel-2 L2A on the axis `band`.

    Twelve bands without names are in the order of the release.

    Raises:
        LayoutError: A band is missing, or the number of bands is not that of the names.
    """
    return _band_order(group, where, bands, OPTICAL_BANDS, OPTICAL_BANDS, "S2L2A")


def _band_order(
    group: zarr.Group,
    where: str,
    bands: int,
    wanted: Sequence[str],
    unnamed: Sequence[str],
    modality: str,
) -> list[int]:
    names = list(unnamed)
    if "band" in group:
        values = read_variable(group, "band", _AXES["band"]).values
        names = [str(np.asarray(name).astype(str)) for name in values]
    upper = [_SHORT_BAND.sub(r"B0\1", name.upper()) for name in names]
    if len(names) != bands or any(upper.count(name) != 1 for name in wanted):
        found = ", ".join(names) or "none"
        raise LayoutError(
            f"{where}: has {bands} bands, named {found}; {' and '.join(wanted)} are needed, so "
            f"take the {modality} file that holds them."
        )
    return [upper.index(name) for name in wanted]


def pixels(group: zarr.Group, samples: slice, order: Sequence[int]) -> npt.NDArray[np.float32]:
    """Values of some samples, (sample, time, polarisation, y, x); fill values are NaN."""
    variable = read_variable(group, "bands", PIXELS, samples)
    if "sample" not in variable.dims:
        variable = variable.set_dims({"sample": 1, **variable.sizes})  # type: ignore[no-untyped-call]
    return np.asarray(variable.transpose(*PIXELS).values)[:, :, list(order)].astype(np.float32)


def numbers(group: zarr.Group, samples: slice, date: int, order: Sequence[int]) -> npt.NDArray[Any]:
    """Values of one date of some samples as they are stored, (sample, band, y, x)."""
    array = group["bands"]
    assert isinstance(array, zarr.Array)
    names = dimensions(array, PIXELS)
    chosen = {"sample": samples, "time": slice(date, date + 1)}
    values = np.asarray(array[tuple(chosen.get(name, slice(None)) for name in names)])
    variable = xr.Variable(names, values)
    if "sample" not in names:
        variable = variable.set_dims({"sample": 1, **variable.sizes})  # type: ignore[no-untyped-call]
    return np.asarray(variable.transpose(*PIXELS).values)[:, 0][:, list(order)]


def file_ids(group: zarr.Group, length: dict[str, int], where: str) -> npt.NDArray[np.str_] | None:
    """Names of the products the images are from, (sample, time); none where not recorded.

    Raises:
        LayoutError: Their shape is not that of `bands`.
    """
    values = _per_sample(group, "file_id", length, where, "time")
    return None if values is None else values.astype(np.str_)


def sample_ids(group: zarr.Group, where: str, otherwise: str = "") -> list[str]:
    """Ids from the coordinate `sample`.

    Args:
        group: The open group.
        where: The file, for the error.
        otherwise: The one id where the group is a single sample without that coordinate.

    Raises:
        LayoutError: There is no such coordinate and no other id.
    """
    if "sample" in group:
        values = np.atleast_1d(read_variable(group, "sample", _AXES["sample"]).values)
        return [str(np.asarray(value).astype(str)) for value in values]
    if otherwise:
        return [otherwise]
    raise LayoutError(f"{where}: has no coordinate `sample`, so its samples have no ids.")


def dates(group: zarr.Group, length: dict[str, int], where: str) -> npt.NDArray[np.datetime64]:
    """Acquisition dates, (sample, time) in milliseconds; NaT where the file has none.

    Raises:
        LayoutError: Their shape is not that of `bands`.
    """
    shape = (length["sample"], length["time"])
    for name in ("time_", "time"):
        values = _per_sample(group, name, length, where, "time")
        if values is not None and (moments := _as_dates(values)) is not None:
            return moments
    return np.full(shape, np.datetime64("NaT", "ms"))


def grids(group: zarr.Group, length: dict[str, int], where: str) -> list[GeoBox | None]:
    """Grid of each sample, from `crs` (EPSG code), `x_` and `y_` (pixel centres, metres).

    Where these are missing, the grid is a guess: pixels of 10 m around
    `center_lon`/`center_lat` in the UTM zone of the centre. The published WebDataset
    release may say no more than the centre; its true pixel origin can then lie several
    metres off. None where there is no position at all.

    Raises:
        LayoutError: A shape is not that of `bands`.
    """
    codes = _per_sample(group, "crs", length, where)
    x, y = (_per_sample(group, f"{axis}_", length, where, axis) for axis in ("x", "y"))
    centres = [_per_sample(group, name, length, where) for name in ("center_lon", "center_lat")]
    found: list[GeoBox | None] = []
    for row in range(length["sample"]):
        grid = None
        if codes is not None and x is not None and y is not None:
            grid = grid_from_axes(x[row], y[row], codes[row])
        if grid is None and centres[0] is not None and centres[1] is not None:
            grid = grid_around(
                float(centres[0][row]), float(centres[1][row]), length["y"], length["x"]
            )
        found.append(grid)
    return found


def _per_sample(
    group: zarr.Group, name: str, length: dict[str, int], where: str, axis: str = ""
) -> npt.NDArray[Any] | None:
    """A variable as (sample) or (sample, axis), the same for all samples; none if it lacks."""
    if name not in group:
        return None
    wanted = {"sample": length["sample"], **({axis: length[axis]} if axis else {})}
    variable = read_variable(group, name, _AXES[name])
    extra = [dim for dim in variable.dims if dim not in wanted]
    variable = variable.isel(dict.fromkeys(extra, 0))
    if any(wanted[str(dim)] != size for dim, size in variable.sizes.items()):
        raise LayoutError(
            f"{where}: `{name}` has the sizes {dict(variable.sizes)}, but `bands` {length}; the "
            "file is no SSL4EO-S12 v1.1 file."
        )
    spread = variable.set_dims(wanted)  # type: ignore[no-untyped-call]
    return np.asarray(spread.transpose(*wanted).values)


def _as_dates(values: npt.NDArray[np.generic]) -> npt.NDArray[np.datetime64] | None:
    """Dates, or none where the values merely count the snapshots 0, 1, 2, 3."""
    if values.dtype.kind == "M":
        return values.astype("datetime64[ms]")
    if values.dtype.kind not in "iu" or np.abs(values).max(initial=0) < _SMALLEST_NANOSECONDS:
        return None
    return values.astype("datetime64[ns]").astype("datetime64[ms]")
