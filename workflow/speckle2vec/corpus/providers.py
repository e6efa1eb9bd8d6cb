"""What is known of the archives: where each sensor's images are, and what they hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from speckle2vec.errors import UserError
from speckle2vec.products.candidates import OPTICAL, RADAR
from speckle2vec.settings.archive import Assets, Provider
from speckle2vec.settings.corpora import StacCorpus
from speckle2vec.settings.corpus import OPTICAL_BANDS

PLANETARY_COMPUTER, EARTH_SEARCH = "planetary-computer", "earth-search"
EARTH_ENGINE: Literal["earth-engine"] = "earth-engine"
URLS = {
    PLANETARY_COMPUTER: "https://planetarycomputer.microsoft.com/api/stac/v1",
    EARTH_SEARCH: "https://earth-search.aws.element84.com/v1",
    EARTH_ENGINE: "https://earthengine.googleapis.com",
}
SCENE_CLASSES = "SCL"
REQUIRED = {RADAR: ("VV", "VH"), OPTICAL: OPTICAL_BANDS}
_REFUSED = {
    "sentinel-1-grd": "its images have ground control points instead of a grid, so that patches "
    "cut from them are empty or misplaced; take terrain-corrected images, such as "
    "`sentinel-1-rtc` of Planetary Computer"
}


@dataclass(frozen=True)
class Collection:
    """The images of one sensor at one archive."""

    role: str
    """`S1` or `S2`."""
    provider: str
    """Name of the archive: that of the settings, else the host."""
    url: str
    """Address of its API."""
    name: str
    """The collection's."""
    assets: Mapping[str, str]
    """Asset of each band: VV and VH, or B01 to B12 and, where there is one, SCL."""
    level: str
    """Processing level, such as `Level-1 RTC`."""
    units: Literal["linear", "db", "reflectance x 10000"]
    """What the numbers are."""
    nodata: float
    """What stands for nothing, where items do not say."""
    harmonised: bool | None = None
    """Whether the 1000 of baseline 04.00 was taken off; none: unknown."""
    signed: bool = False
    """Whether addresses must be signed just before they are read."""
    page: int = 100
    """Items asked for at once: large answers make some archives fail."""
    protocol: Literal["stac", "earth-engine"] = "stac"
    """How it is searched and read: a STAC API and files, or Earth Engine's own."""

    @property
    def required(self) -> tuple[str, ...]:
        """The bands without which an image is of no use."""
        return REQUIRED[self.role]


RTC = Collection(
    RADAR, PLANETARY_COMPUTER, URLS[PLANETARY_COMPUTER], "sentinel-1-rtc",
    {"VV": "vv", "VH": "vh"}, "Level-1 RTC", "linear", -32768.0, signed=True, page=250,
)  # fmt: skip
L2A = Collection(
    OPTICAL, PLANETARY_COMPUTER, URLS[PLANETARY_COMPUTER], "sentinel-2-l2a",
    {band: band for band in (*OPTICAL_BANDS, SCENE_CLASSES)}, "Level-2A",
    "reflectance x 10000", 0.0, harmonised=False, signed=True, page=250,
)  # fmt: skip
_COMMON_NAMES = (
    "coastal", "blue", "green", "red", "rededge1", "rededge2", "rededge3", "nir", "nir08",
    "nir09", "swir16", "swir22",
)  # fmt: skip
C1 = Collection(
    OPTICAL, EARTH_SEARCH, URLS[EARTH_SEARCH], "sentinel-2-c1-l2a",
    {**dict(zip(OPTICAL_BANDS, _COMMON_NAMES, strict=True)), SCENE_CLASSES: "scl"}, "Level-2A",
    "reflectance x 10000", 0.0, harmonised=False,
)  # fmt: skip
# Masked pixels come as 0, which no measured number of decibels is exactly.
GRD = Collection(
    RADAR, EARTH_ENGINE, URLS[EARTH_ENGINE], "COPERNICUS/S1_GRD", {"VV": "VV", "VH": "VH"},
    "Level-1 GRD, terrain-corrected", "db", 0.0, page=250, protocol=EARTH_ENGINE,
)  # fmt: skip
SR_HARMONISED = Collection(
    OPTICAL, EARTH_ENGINE, URLS[EARTH_ENGINE], "COPERNICUS/S2_SR_HARMONIZED",
    {band: band.replace("B0", "B") for band in OPTICAL_BANDS} | {SCENE_CLASSES: SCENE_CLASSES},
    "Level-2A", "reflectance x 10000", 0.0, harmonised=True, page=250, protocol=EARTH_ENGINE,
)  # fmt: skip
SR = replace(SR_HARMONISED, name="COPERNICUS/S2_SR", harmonised=False)
GRD_FLOAT = replace(GRD, name="COPERNICUS/S1_GRD_FLOAT", units="linear")
KNOWN = {
    PLANETARY_COMPUTER: {RADAR: RTC, OPTICAL: L2A},
    EARTH_SEARCH: {RADAR: RTC, OPTICAL: C1},
    EARTH_ENGINE: {RADAR: GRD, OPTICAL: SR_HARMONISED},
}
_ALSO: Mapping[tuple[str, str], Collection] = {
    (EARTH_ENGINE, one.name): one for one in (SR, GRD_FLOAT)
}


def collections_of(corpus: StacCorpus) -> tuple[Collection, ...]:
    """Where the images of a corpus come from, Sentinel-1 first.

    Raises:
        UserError: The provider has none that this project can cut, or bands are not named.
    """
    provider = corpus.provider
    declared = {RADAR: provider.sentinel_1, OPTICAL: provider.sentinel_2}
    roles = (RADAR, OPTICAL) if corpus.search.optical else (RADAR,)
    return tuple(_collection(provider, role, declared[role]) for role in roles)


def _collection(provider: Provider, role: str, assets: Assets | None) -> Collection:
    known = KNOWN.get(provider.name, {}).get(role)
    if assets is None:
        return _at(_known(provider, role, known), provider)
    if assets.collection in _REFUSED:
        raise UserError(f"`{assets.collection}` cannot be cut: {_REFUSED[assets.collection]}.")
    known = _ALSO.get((provider.name, assets.collection)) or known
    if known and known.name == assets.collection:
        if assets.bands:
            _check_bands(role, assets)
        return _changed(_at(known, provider), assets)
    return _declared(provider, role, assets)


def _known(provider: Provider, role: str, known: Collection | None) -> Collection:
    if known:
        return known
    field = "sentinel_1" if role == RADAR else "sentinel_2"
    raise UserError(
        f"The provider `{provider.name}` has no {role} that is known: give `{field}`, with its "
        "collection and bands, or set `search.optical` to false where there is no Sentinel-2."
    )


def _at(known: Collection, provider: Provider) -> Collection:
    """A known collection at the address given: a mirror, or the archive itself."""
    its_own = provider.url and known.provider == provider.name
    return replace(known, url=provider.url) if its_own else known


def _changed(known: Collection, assets: Assets) -> Collection:
    return replace(
        known,
        url=assets.url or known.url,
        assets=assets.bands or known.assets,
        nodata=known.nodata if assets.nodata is None else assets.nodata,
        harmonised=known.harmonised if assets.harmonised is None else assets.harmonised,
    )


def _declared(provider: Provider, role: str, assets: Assets) -> Collection:
    url = assets.url or provider.url or URLS.get(provider.name, "")
    _check_bands(role, assets, " is not known here:")
    radar = role == RADAR
    return Collection(
        role, _name(provider, url), url, assets.collection, assets.bands,
        "unknown" if radar else "Level-2A", assets.units if radar else "reflectance x 10000",
        assets.nodata if assets.nodata is not None else 0.0, assets.harmonised,
        signed=provider.name == PLANETARY_COMPUTER,
        protocol=EARTH_ENGINE if provider.name == EARTH_ENGINE else "stac",
    )  # fmt: skip


def _check_bands(role: str, assets: Assets, why: str = ":") -> None:
    missing = [band for band in REQUIRED[role] if band not in assets.bands]
    if missing:
        raise UserError(
            f"The collection `{assets.collection}`{why} its `bands` must name the asset of "
            f"{', '.join(missing)} too."
        )


def _name(provider: Provider, url: str) -> str:
    """The archive's name, or its host: what stands before and after may hold a key."""
    return provider.name if provider.name in KNOWN else urlsplit(url).hostname or url
