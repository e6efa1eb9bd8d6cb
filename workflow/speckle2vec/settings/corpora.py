"""Settings of the corpora: what is read, from where, in which units."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from speckle2vec.settings.archive import Provider, Sampling, Search
from speckle2vec.settings.base import Section

Units = Literal["db", "linear"]
Calibration = Literal["sigma0", "gamma0"]
DatesPerSample = Literal[1, 2, 4]
Globs = str | tuple[str, ...]
SIMULATED_SIZES = ("tiny", "demo", "measure")
OPTICAL_BANDS = (
    "B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B11", "B12",
)  # fmt: skip
"""The bands of Sentinel-2 L2A, in the order of the published shards."""


class Corpus(Section):
    """What every corpus declares, whatever its source."""

    id_prefix: str = Field(default="", pattern=r"^[\w.+:~,/ -]*$")
    """Plain text put before every sample id, to keep ids of two corpora apart."""
    date_order: Literal["ascending", "any"] = "ascending"
    """`ascending` refuses a sample whose dates do not ascend; `any` admits it."""
    minimum_valid: float = Field(default=0.95, gt=0, le=1)
    """Least share of finite pixels (0..1) on every date and polarisation of a sample."""
    optical_offset: Literal[0, -1000] | None = None
    """What is added to the numbers of Sentinel-2: -1000 for processing baseline 04.00 and
    later, 0 before, and where the 1000 was taken off already. It counts before the baseline
    in the names of products; an offset that files state themselves must agree with it."""


class SimulatedCorpus(Corpus):
    """A corpus the workflow draws itself, in the SSL4EO-S12 v1.1 layout."""

    source: Literal["simulated"]
    size: Literal["tiny", "demo", "measure"] = "demo"
    """How much is drawn: `tiny` 2 shards of 32, `demo` 8 of 64, `measure` 32 of 64."""
    shards: Globs = "*"
    """Glob or globs over shard names (`train-000001`) that limit what is drawn."""
    units: Literal["db"] = "db"
    """Always decibels, as in the published files."""
    calibration: Literal["sigma0"] = "sigma0"
    """Always sigma0, as in the published files."""
    dates: Literal[4] = 4
    """Dates a sample."""


class Ssl4eoCorpus(Corpus):
    """Published SSL4EO-S12 v1.1 files: Zarr shards or WebDataset tars."""

    source: Literal["ssl4eo"]
    path: str
    """Folder or fsspec URL that holds `train` and `val`; relative to `data`."""
    folders: tuple[str, ...] = ("train", "val")
    """Which of its folders are read."""
    shards: Globs = "*"
    """Glob or globs over shard names (`train-000001`) that limit what is read."""
    units: Literal["db"] = "db"
    """The published files hold decibels."""
    calibration: Literal["sigma0"] = "sigma0"
    """The published files hold sigma0."""
    dates: Literal[4] = 4
    """Dates a sample."""


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


class StacCorpus(Corpus):
    """A corpus the workflow cuts from open archives, in the SSL4EO-S12 v1.1 layout."""

    source: Literal["stac"]
    sampling: Sampling
    """Which places."""
    search: Search
    """Which images of them."""
    provider: Provider = Provider()
    """From whom."""
    size: int = Field(default=264, ge=32)
    """Side of the patches, pixels of 10 m."""
    places_per_shard: int = Field(default=64, ge=1)
    """Places of one shard."""
    shards: Globs = "*"
    """Glob or globs over shard names (`train-000001`) that limit what is cut."""
    units: Literal["db"] = "db"
    """Decibels are written, whatever the provider holds."""
    calibration: Calibration = "gamma0"
    """Radiometry of the provider: `gamma0` for radiometrically terrain-corrected images,
    `sigma0` for those of Earth Engine."""

    @model_validator(mode="after")
    def _calibration_is_the_providers(self) -> "StacCorpus":
        own = self.provider.sentinel_1
        theirs = own is None or own.collection.startswith("COPERNICUS/")
        if self.provider.name == "earth-engine" and theirs and self.calibration != "sigma0":
            raise ValueError(
                "Sentinel-1 of Earth Engine is sigma0, not gamma0: set `calibration` to sigma0, "
                "and train no encoder on both"
            )
        return self

    @property
    def dates(self) -> DatesPerSample:
        """Dates a sample."""
        return 4 if self.search.samples == "seasons" else 1


AnyCorpus = Annotated[
    SimulatedCorpus | Ssl4eoCorpus | GeotiffCorpus | StacCorpus, Field(discriminator="source")
]
