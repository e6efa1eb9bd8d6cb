"""What a Zarr group of SSL4EO-S12 v1.1 says of its samples beside their pixels."""

from typing import Any

import numpy as np
import numpy.typing as npt
import zarr
from odc.geo.geobox import GeoBox

from speckle2vec.readers.archives import read_variable
from speckle2vec.readers.layout import LayoutError
from speckle2vec.readers.positions import grid_around, grid_from_axes

_AXES = {
    "sample": ("sample",), "crs": ("sample",), "center_lat": ("sample",),
    "center_lon": ("sample",), "time": ("sample", "time"), "file_id": ("sample", "time"),
    "time_": ("sample", "time"), "x_": ("sample", "x"), "y_": ("sample", "y"),
}  # fmt: skip
_SMALLEST_NANOSECONDS = 1_000_000


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
