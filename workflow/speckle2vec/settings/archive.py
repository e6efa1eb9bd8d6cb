"""Settings of corpora that are cut from open archives: places, search, provider."""

from datetime import date
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from speckle2vec.settings.base import Section


class CorineStrata(Section):
    """CORINE, whose level-1 classes get equal numbers of places."""

    path: str
    """The file, polygons (.gpkg, .gdb) or a raster (.tif); relative to `data`."""
    layer: str = ""
    """Layer of a vector file; by default its only one, or the one CORINE 2018 is
    published as."""
    field: str = "Code_18"
    """Field of the layer that holds the code; upper and lower case are alike."""
    band: int = Field(default=1, ge=1)
    """Band of a raster that holds the codes."""
    codes: Literal["clc", "clc-grid"] = "clc"
    """What the numbers are: CORINE codes (111 to 523), or the numbers 1 to 44 that the
    100 m raster of CORINE stores instead."""
    classes: tuple[Literal[1, 2, 3, 4, 5], ...] = Field(default=(1, 2, 3, 4, 5), min_length=1)
    """Level-1 classes that get places: 1 artificial, 2 agricultural, 3 forest and semi
    natural, 4 wetlands, 5 water."""


class Sampling(Section):
    """Where places are drawn (paper, section 3)."""

    outlines: str
    """File of the polygons to draw in, in any format and CRS that pyogrio reads, such as
    Natural Earth's countries or land; relative to `data`."""
    layer: str = ""
    """Layer of the file; by default its only one with polygons."""
    region: Literal["all", "eu27+gb"] = "all"
    """`all` draws in every polygon of the file, `eu27+gb` in the countries of the paper's
    labelled set, told by the field `ADM0_A3`, without their overseas territories."""
    count: int = Field(default=1000, ge=1, le=9_999_999)
    """Places to draw. A larger number keeps those of a smaller one and adds to them."""
    sampler: Literal["area", "latitude"] = "area"
    """`area` is uniform by area; `latitude` draws latitude uniformly, as the paper's code
    did, which crowds places towards the poles."""
    south: float = Field(default=-60.0, ge=-80, le=84)
    """Nothing is drawn south of this latitude, degrees; the default leaves Antarctica out."""
    north: float = Field(default=84.0, ge=-80, le=84)
    """Nothing is drawn north of this latitude, degrees; UTM ends at 84 N and 80 S."""
    stratum: str = ""
    """Field of the outlines; every value of it gets the same number of places. Empty: none."""
    corine: CorineStrata | None = None
    """Every class of CORINE gets the same number of places instead, by where their centres
    lie."""
    minimum_km: float = Field(default=0.0, ge=0, le=20_000)
    """Least great-circle distance between two places, kilometres."""

    @model_validator(mode="after")
    def _one_kind_of_strata(self) -> "Sampling":
        if self.stratum and self.corine:
            raise ValueError("`stratum` and `corine` exclude each other: give one of them")
        if self.south >= self.north:
            raise ValueError("`south` must be less than `north`")
        return self


class Search(Section):
    """Which images of a place make a sample."""

    start: date
    """First day, such as `2020-01-01`."""
    end: date
    """Last day."""
    samples: Literal["seasons", "pair"] = "seasons"
    """`seasons` takes four dates of four seasons in a row, each with the closest
    Sentinel-2 image; `pair` takes the one closest pair."""
    max_days: float = Field(default=3.0, ge=0)
    """Most days between Sentinel-1 and Sentinel-2."""
    optical: bool = True
    """Whether Sentinel-2 is searched and cut at all."""
    most_cloud: float | None = Field(default=None, ge=0, le=100)
    """Images with more cloud, or of unknown cloud, are passed over, percent; none by
    default, as in the paper."""

    @model_validator(mode="after")
    def _period_is_long_enough(self) -> "Search":
        if self.end < self.start:
            raise ValueError("`end` is before `start`")
        if self.samples == "seasons" and len(seasons_between(self.start, self.end)) < 4:
            raise ValueError(
                "the period touches fewer than four seasons (December, March, June and "
                "September begin one): make it a year, or set `samples` to pair"
            )
        return self


def season_of(day: date) -> int:
    """Number of the meteorological season of a day: `4 * year + 0` begins in December."""
    return 4 * (day.year + (day.month == 12)) + day.month % 12 // 3


def seasons_between(start: date, end: date) -> range:
    """Numbers of the meteorological seasons that a period touches."""
    return range(season_of(start), season_of(end) + 1)


def _address(url: str) -> str:
    """An address as it is; empty is none."""
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise ValueError("an address begins with https:// and the name of a host")
    return url


class Assets(Section):
    """One collection of a STAC API, and which asset holds which band."""

    collection: str
    """Name of the collection."""
    url: str = ""
    """Address of the API that has it; empty: that of the provider."""
    bands: dict[str, str] = Field(default={})
    """Asset of each band (`VV`, `VH`; `B01` to `B12`, and if there is one `SCL`); empty:
    those the collection is known for."""
    units: Literal["linear", "db"] = "linear"
    """Of Sentinel-1: power, or decibels."""
    nodata: float | None = None
    """What stands for nothing, where items do not say."""
    harmonised: bool | None = None
    """Of Sentinel-2: whether the provider took off the 1000 that processing baseline 04.00
    and later add, where items do not say; none: nobody knows."""

    _is_an_address = field_validator("url")(_address)


class Provider(Section):
    """An archive: a STAC API, or Earth Engine."""

    name: Literal["planetary-computer", "earth-search", "stac", "earth-engine"] = (
        "planetary-computer"
    )
    """Planetary Computer (Sentinel-1 RTC, Sentinel-2 L2A), Earth Search (Sentinel-2 C1;
    its Sentinel-1 has no grid, so that of Planetary Computer is taken), any other STAC
    API by its `url` and collections, or Earth Engine (Sentinel-1 GRD in sigma0,
    Sentinel-2 SR harmonised; EARTHENGINE_PROJECT and EARTHENGINE_TOKEN of the environment
    say who asks)."""
    url: str = ""
    """Address of the API; empty: that of the named provider. No keys in it: they belong
    into `~/.netrc`."""
    sentinel_1: Assets | None = None
    """Where Sentinel-1 is; none: where the named provider has it."""
    sentinel_2: Assets | None = None
    """Where Sentinel-2 is; none: where the named provider has it."""
    connections: int = Field(default=16, ge=1)
    """Requests at the same time, for one shard; of all shards that are cut at once, Earth
    Engine answers 40 a project."""
    attempts: int = Field(default=5, ge=1)
    """Tries of a request that fails for a while (429, 5xx, a cut connection)."""
    pause_s: float = Field(default=1.0, ge=0)
    """Seconds before the second try; each further one waits twice as long."""
    give_up: bool = False
    """Whether a place whose images cannot be read after all attempts is refused for good;
    else its shard ends with an error, and the next run tries that place again."""

    _is_an_address = field_validator("url")(_address)

    @model_validator(mode="after")
    def _says_where(self) -> "Provider":
        if self.name == "stac" and not (self.url and self.sentinel_1):
            raise ValueError("a provider `stac` needs a `url` and `sentinel_1`")
        return self
