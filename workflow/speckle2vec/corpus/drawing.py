"""Samples of a corpus that the workflow makes itself, before they are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from odc.geo.geobox import GeoBox

Arrays = Mapping[str, npt.NDArray[Any]]


class Placed(Protocol):
    """Where a sample lies."""

    @property
    def sample_id(self) -> str:
        """Seven digits, unique in the corpus."""
        ...

    @property
    def longitude(self) -> float:
        """Of the centre, degrees, WGS 84."""
        ...

    @property
    def latitude(self) -> float:
        """Of the centre, degrees, WGS 84."""
        ...

    @property
    def grid(self) -> GeoBox:
        """Square pixels, north up."""
        ...

    @property
    def epsg(self) -> int:
        """EPSG code of the grid."""
        ...


class Taken(Protocol):
    """When its images were taken."""

    @property
    def times(self) -> npt.NDArray[np.datetime64]:
        """Start of each acquisition, (date), nanoseconds."""
        ...

    @property
    def file_ids(self) -> Sequence[str]:
        """Name of the product of each date."""
        ...


@dataclass(frozen=True)
class Modality:
    """What the files of a modality hold."""

    bands: tuple[str, ...]
    dtype: str
    attributes: Mapping[str, str | float | bool]
    """Of the group: units, calibration, offset, and that it is simulated."""
    cloud_classes: str = ""
    """What the numbers of `cloud_mask` mean; empty where there is no mask."""
    dates: int = 4
    """Dates a sample."""
    side: int = 264
    """Side of a sample, pixels."""


@dataclass(frozen=True)
class Drawing:
    """One sample, ready to be written."""

    place: Placed
    acquisitions: Taken
    images: Arrays
    """`bands` (date, band, y, x) and, for optical data, `cloud_mask` (date, y, x)."""
    notes: Mapping[str, Sequence[str | int]] = field(default_factory=dict)
    """More that is known of each date, by name; the same names for every sample."""
