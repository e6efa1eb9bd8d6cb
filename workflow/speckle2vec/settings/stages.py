"""Settings of the stages between raw data and cubes, and of extraction."""

from typing import Literal

from pydantic import Field, model_validator

from speckle2vec.settings.base import Section


class Splits(Section):
    """Spatial splits: a pure function of the seed and a fixed grid of blocks."""

    block_km: float = Field(default=25.0, gt=0)
    """Side of a square block in EPSG:6933, kilometres."""
    buffer_km: float = Field(default=2.0, ge=0)
    """A sample nearer than this to a block of another split is left out, kilometres."""
    train: float = Field(default=0.7, ge=0, le=1)
    """Share of the blocks for training."""
    validation: float = Field(default=0.1, ge=0, le=1)
    """Share of the blocks held out for early stopping and health."""
    test: float = Field(default=0.2, ge=0, le=1)
    """Share of the blocks nobody looks at before the end."""
    places: dict[str, Literal["train", "validation", "test"]] = Field(default={})
    """Splits by name instead, such as `{"Ghana_*": train, "Spain_*": test}`: of
    the globs that match the name of a place the longest decides, and its places are one
    block. Those that no glob names are split by the grid."""

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> "Splits":
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train, validation and test must sum to 1, not {total:g}")
        return self


class Neighbours(Section):
    """Which places are neighbours (paper, section 3.2), among samples of one split."""

    radius: float = Field(default=1.0, gt=0, le=90)
    """Places nearer than this along the great circle are neighbours, degrees."""
    nearest: int = Field(default=4, ge=1)
    """So many nearest places where none are within the radius."""
    most: int = Field(default=64, ge=1)
    """The nearest so many are kept where more are within the radius."""


class Bilateral(Section):
    """The bilateral filter (report, section 3.1)."""

    diameter: int = Field(default=9, ge=1, le=31)
    """Diameter of the neighbourhood, pixels."""
    sigma_color: float = Field(default=75.0, gt=0)
    """Width of the range kernel in the unit of the image, dB. The report's 75 was
    meant for 0..255 images; on dB data about 2 preserves edges."""
    sigma_space: float = Field(default=75.0, gt=0)
    """Width of the spatial kernel, pixels."""


class SarTemporal(Section):
    """The report's features: 12 x 64 x 64 from the dates of a sample."""

    bilateral: Bilateral = Bilateral()
    """The speckle filter."""
    clahe_source: Literal["denoised", "raw"] = "denoised"
    """Which VV image CLAHE reads; the report leaves it open."""
    clahe_clip_limit: float = Field(default=2.0, gt=0)
    """Clip limit of CLAHE."""
    clahe_tiles: int = Field(default=8, ge=1)
    """Tiles a side of CLAHE."""
    sobel_source: Literal["clahe", "denoised"] = "clahe"
    """Which image the edges are taken from; the report leaves it open."""
    order: Literal["date", "season"] = "date"
    """`date` keeps the dates' own order; `season` sorts them by the meteorological
    season (Mar-May first), so that last minus first is a seasonal difference."""
    size: int = Field(default=64, ge=32)
    """Side of the cubes, pixels."""


class Fusion(Section):
    """Sentinel-2 and Sentinel-1 of one pair of dates, on the native grid (paper, section 3)."""

    days: float = Field(default=3.0, ge=0)
    """Longest time between the two dates, days; a sample without such a pair is left out."""
    largest: int = Field(default=264, ge=32)
    """Larger patches keep their centre, pixels."""
    smallest: int = Field(default=128, ge=32)
    """Smaller patches are padded by reflection, pixels."""


class Dask(Section):
    """A Dask cluster that computes cubes; they do not depend on it."""

    scheduler: str = ""
    """Address of a scheduler, such as `tcp://node1:8786`, whose workers compute the samples;
    empty: processes of the job's own machine."""
    wait: float = Field(default=60.0, gt=0)
    """How long the scheduler may take to answer, and may be without workers, seconds."""


class Preprocess(Section):
    """Preprocessing, one group a feature set, and where it is computed."""

    sar_temporal: SarTemporal = SarTemporal()
    """Settings of the feature set `sar-temporal`."""
    fusion: Fusion = Fusion()
    """Settings of the feature set `fusion`."""
    dask: Dask = Dask()
    """A Dask cluster, where one stands."""


class Embed(Section):
    """Extraction."""

    batch_size: int = Field(default=64, ge=1)
    """Samples a forward pass."""
    threads: int = Field(default=1, ge=1)
    """Threads torch uses for one shard; part of the settings because sums depend on it.
    One is best where there are as many shards as cores."""
