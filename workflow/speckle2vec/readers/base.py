"""What every reader of raw data offers."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from odc.geo.geobox import GeoBox

FloatArray = npt.NDArray[np.float32]
POLARISATIONS = ("VV", "VH")


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
