"""Settings of a user's own GeoTIFF stacks."""

from typing import Literal

from pydantic import Field, model_validator

from speckle2vec.settings.base import Section
from speckle2vec.settings.corpus import (
    OPTICAL_BANDS,
    Calibration,
    Corpus,
    DatesPerSample,
    Units,
)


class OpticalFiles(Section):
    """The Sentinel-2 images of a user's own places."""

    path: str | None = None
    """Folder or fsspec URL; that of the corpus when left out. Relative to `data`."""
    files: str
    """Glob below `path`, such as `**/*.tif`."""
    pattern: str
    """Regular expression as that of the corpus. Its group `place` must match the same
    text as that of Sentinel-1."""
    bands: dict[str, str | int] = Field(default={name: name for name in OPTICAL_BANDS})
    """For B01 to B12 each, the text `band` matches, or the band's number in the file."""
    units: Literal["dn", "reflectance"] = "dn"
    """`dn`, whole numbers where 0 is nodata, or `reflectance`, 0 to 1."""
    scale: float = Field(default=10_000.0, gt=0)
    """Numbers that make reflectance 1, where the files do not say."""
    date_tag: str | None = None
    """Name of the TIFF tag that holds the date, where names do not."""
    undated: bool = False
    """Whether an image without a date makes a pair: it was chosen for its place by whoever
    made the data. The delay is then recorded as unknown."""

    @property
    def needs_date(self) -> bool:
        """Whether a name without a date is a mistake."""
        return not self.undated and self.date_tag is None

    @model_validator(mode="after")
    def _all_bands(self) -> "OpticalFiles":
        if set(self.bands) != set(OPTICAL_BANDS):
            raise ValueError(f"bands must name {', '.join(OPTICAL_BANDS)}, each once")
        return self


class GeotiffCorpus(Corpus):
    """A user's own GeoTIFF stacks."""

    source: Literal["geotiff"]
    path: str
    """Folder or fsspec URL; relative to `data`."""
    files: str
    """Glob below `path`, such as `**/*.tif`."""
    pattern: str
    """Regular expression over the path below `path`, with the named groups `place`
    and, where the names hold them, `date` (YYYYMMDD or YYYY-MM-DD) and `band`."""
    bands: dict[str, str | int] = Field(default={"VV": "VV", "VH": "VH"})
    """For VV and VH each, the text `band` matches, or the band's number in the file."""
    units: Units
    """`db`, or `linear` power, which is converted to dB."""
    calibration: Calibration
    """Radiometry of the values: `sigma0` or `gamma0`. Never mixed in one encoder."""
    dates: DatesPerSample
    """Dates a sample: stacks are cut into consecutive groups of so many."""
    tile: int | None = Field(default=None, ge=32)
    """Side of the square tiles a raster is cut into, pixels; none keeps it whole."""
    places_per_shard: int = Field(default=1, ge=1)
    """Most places of one shard. Which shard a place is in is told by its name: a new place
    runs the one shard again that it falls into, or splits it where it is full."""
    date_tag: str | None = None
    """Name of the TIFF tag that holds the date, where names do not."""
    optical: OpticalFiles | None = None
    """Sentinel-2 images of the same places, for the feature set `fusion`."""

    @property
    def needs_date(self) -> bool:
        """Whether a name without a date is a mistake."""
        return self.dates > 1 and self.date_tag is None

    @model_validator(mode="after")
    def _both_polarisations(self) -> "GeotiffCorpus":
        if set(self.bands) != {"VV", "VH"}:
            raise ValueError("bands must name VV and VH, each once, and nothing else")
        return self
