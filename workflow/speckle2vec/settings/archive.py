"""Settings of corpora that are cut from open archives: places, search, provider."""

from typing import Literal

from pydantic import Field

from speckle2vec.settings.base import Section


class Sampling(Section):
    """Where places are drawn (paper, section 2.1)."""

    outlines: str
    """File of the polygons to draw in, in any format and CRS that pyogrio reads, such as
    Natural Earth's countries or land; relative to `data`."""
    region: Literal["all", "eu27+gb"] = "all"
    """`all` draws in every polygon of the file, `eu27+gb` in the countries of the paper's
    labelled set, told by the field `ADM0_A3`."""
    count: int = Field(default=1000, ge=1)
    """Places to draw."""
    sampler: Literal["area", "latitude"] = "area"
    """`area` is uniform by area; `latitude` draws latitude uniformly, as the paper's code
    did, which crowds places towards the poles."""
    stratum: str = ""
    """Field of the outlines; every value of it gets the same number of places. Empty: none."""
    minimum_km: float = Field(default=0.0, ge=0)
    """Least great-circle distance between two places, kilometres."""


class Search(Section):
    """Which images of a place make a sample."""

    start: str
    """First day, such as `2020-01-01`."""
    end: str
    """Last day."""
    samples: Literal["seasons", "pair"] = "seasons"
    """`seasons` takes four dates, one a season of the period, each with the closest
    Sentinel-2 image; `pair` takes the one closest pair."""
    max_days: float = Field(default=3.0, ge=0)
    """Most days between Sentinel-1 and Sentinel-2."""
    optical: bool = True
    """Whether Sentinel-2 is searched and cut at all."""
    most_cloud: float | None = Field(default=None, ge=0, le=100)
    """Images with more cloud are passed over, percent; none by default, as in the paper."""


class Assets(Section):
    """One collection of a STAC API, and which asset holds which band."""

    collection: str
    """Name of the collection."""
    bands: dict[str, str] = Field(default={})
    """Asset of each band; empty: those the provider is known for."""


class Provider(Section):
    """A STAC API."""

    name: Literal["planetary-computer", "earth-search", "stac", "earth-engine"] = (
        "planetary-computer"
    )
    """Planetary Computer (Sentinel-1 RTC, Sentinel-2 L2A), Earth Search (Sentinel-2 C1),
    any other STAC API by its `url` and collections, or Earth Engine."""
    url: str = ""
    """Address of the API; empty: that of the named provider."""
    sentinel_1: Assets | None = None
    """Where Sentinel-1 is; none: where the named provider has it."""
    sentinel_2: Assets | None = None
    """Where Sentinel-2 is; none: where the named provider has it."""
    connections: int = Field(default=16, ge=1)
    """Requests at the same time, for one shard."""
    attempts: int = Field(default=5, ge=1)
    """Tries of a request that fails for a while (429, 5xx, a cut connection)."""
