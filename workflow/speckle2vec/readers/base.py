"""What every reader of raw data offers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from odc.geo.geobox import GeoBox

from speckle2vec.errors import UserError

FloatArray = npt.NDArray[np.float32]
POLARISATIONS = ("VV", "VH")
Window = tuple[slice, slice]


@dataclass(frozen=True)
class Sample:
    """What is known of a sample before its pixels are read."""

    sample_id: str
    """Unique in its corpus, without the corpus's prefix."""
    row: int
    """Position in the shard; what `read` takes."""
    place: str
    """Samples of one place share it (other dates, other tiles)."""
    grid: GeoBox | None
    """CRS, affine and shape; none where the data do not say."""
    dates: tuple[np.datetime64, ...]
    """Acquisition dates in stored order; NaT where the data do not say."""
    problem: str = ""
    """Why the sample cannot be used, where that shows without its pixels."""


class Shard(Protocol):
    """One shard of raw Sentinel-1 data, open for reading."""

    @property
    def samples(self) -> tuple[Sample, ...]:
        """All samples of the shard, in the order of their rows."""
        ...

    def read(self, row: int) -> FloatArray:
        """Backscatter of one sample in dB, (date, polarisation, y, x).

        Polarisations are VV, VH; what is no finite dB value is NaN.

        Raises:
            UserError: The file is damaged, or its values are not in the declared units.
        """
        ...

    def close(self) -> None:
        """Release the files."""
        ...


class PairError(UserError):
    """An image cannot be paired with its sample; another image, another sample may."""


@dataclass(frozen=True)
class OpticalImage:
    """One Sentinel-2 image on the grid of its sample."""

    values: FloatArray
    """Surface reflectance, 0 and more, (band, y, x); NaN where nothing is known."""
    offset: int
    """What was added to the stored numbers before they were scaled."""
    source: str
    """Who said so."""


class OpticalShard(Protocol):
    """The Sentinel-2 images of one shard, open for reading."""

    def dates(self, sample: Sample) -> tuple[np.datetime64, ...]:
        """Acquisition dates of the images of a sample, NaT where unknown.

        Raises:
            PairError: There is no image of the sample.
        """
        ...

    def read(self, sample: Sample, date: int, window: Window) -> OpticalImage:
        """Part of one image.

        Args:
            sample: The sample of Sentinel-1.
            date: Position among the dates.
            window: Rows and columns of the sample's grid.

        Raises:
            PairError: The image is of other ground, or of another coordinate system.
            UserError: A file is damaged, or does not say whether it holds an offset.
        """
        ...

    def close(self) -> None:
        """Release the files."""
        ...
