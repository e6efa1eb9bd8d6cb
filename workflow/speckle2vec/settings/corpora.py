"""Settings of the corpora: what is read, from where, in which units."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from speckle2vec.settings.archive import Provider, Sampling, Search
from speckle2vec.settings.corpus import Calibration, Corpus, DatesPerSample, Globs
from speckle2vec.settings.geotiff import GeotiffCorpus


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
