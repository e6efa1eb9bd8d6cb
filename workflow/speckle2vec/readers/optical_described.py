"""What a file of Sentinel-2 samples says of each, before a pixel is read."""

import numbers
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import zarr
from odc.geo.geobox import GeoBox

from speckle2vec.readers import coordinates
from speckle2vec.readers.reflectance import Said, linear


@dataclass(frozen=True)
class Described:
    """What is known of one sample before its pixels are read."""

    row: int
    dates: tuple[np.datetime64, ...]
    grid: GeoBox | None
    names: tuple[str, ...]
    """Of the products the images are from; empty where not recorded."""
    said: Said
    nodata: float | None


def described_samples(
    group: zarr.Group, length: dict[str, int], where: str, otherwise: str = ""
) -> dict[str, Described]:
    """What a group knows of its samples, by their ids.

    Args:
        group: The group of either published release.
        length: Its dimensions' lengths, by `layout.sizes`.
        where: The file, to name in errors.
        otherwise: Id of its sample where the group says none.

    Raises:
        LayoutError: Ids, dates or grids are missing, or their shape is not that of `bands`.
    """
    ids = coordinates.sample_ids(group, where, otherwise)
    dates = coordinates.dates(group, length, where)
    grids = coordinates.grids(group, length, where)
    names = coordinates.file_ids(group, length, where)
    said, nodata = _said(group)
    return {
        name: Described(
            row,
            tuple(dates[row]),
            grids[row],
            () if names is None else tuple(map(str, names[row])),
            said,
            nodata,
        )
        for row, name in enumerate(ids)
    }


def _said(group: zarr.Group) -> tuple[Said, float | None]:
    """Offset and scale by the attributes of the file, and the number that is nodata.

    `offset` is what is added to the numbers; `scale_factor` and `add_offset` are those of
    the CF conventions, where xarray keeps `_FillValue` as the fill value of the array.
    """
    array = cast("zarr.Array[Any]", group["bands"])
    attributes = {**dict(group.attrs), **dict(array.attrs)}
    nodata = _number(attributes.get("_FillValue", array.metadata.fill_value))
    said = linear(
        _number(attributes.get("scale_factor")) or 1, _number(attributes.get("add_offset")) or 0
    )
    offset = _number(attributes.get("offset"))
    return (said if offset is None else said._replace(offset=offset)), nodata


def _number(value: object) -> float | None:
    """A number of any kind that JSON or NumPy has; none for anything else."""
    return float(value) if isinstance(value, numbers.Real) else None
