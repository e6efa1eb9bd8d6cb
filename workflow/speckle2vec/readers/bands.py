"""Bands and pixels of a Zarr group of SSL4EO-S12 v1.1, found by their names."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
import zarr

from speckle2vec.readers.archives import dimensions, read_variable
from speckle2vec.readers.base import POLARISATIONS
from speckle2vec.readers.layout import PIXELS, LayoutError
from speckle2vec.settings.corpus import OPTICAL_BANDS

_SHORT_BAND = re.compile(r"^B(\d)$")


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
        values = read_variable(group, "band", ("band",)).values
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
    variable = read_variable(group, "bands", PIXELS, samples, filled=True)
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
