"""Regions that places are drawn in: outlines chosen, cut to the latitudes, joined."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from speckle2vec.corpus.sampling.outlines import Outlines
from speckle2vec.corpus.sampling.parts import Shapes, polygons_of
from speckle2vec.errors import UserError
from speckle2vec.progress import LOGGER
from speckle2vec.settings.archive import Sampling

COUNTRY = "ADM0_A3"
EU27_GB = (
    "AUT", "BEL", "BGR", "CYP", "CZE", "DEU", "DNK", "ESP", "EST", "FIN", "FRA", "GBR", "GRC",
    "HRV", "HUN", "IRL", "ITA", "LTU", "LUX", "LVA", "MLT", "NLD", "POL", "PRT", "ROU", "SVK",
    "SVN", "SWE",
)  # fmt: skip
EUROPE = shapely.box(-32.0, 27.0, 45.0, 72.0)
"""Parts of a country that lie outside are overseas, where CORINE does not reach: French
Guiana, Guadeloupe, Martinique, Mayotte, Reunion. The Azores, Madeira and the Canary
Islands lie inside."""
_HALF, _TURN = 180.0, 360.0


@dataclass(frozen=True)
class Region:
    """Where the places of one stratum lie."""

    name: str
    """Value of the field of strata, empty where there are none."""
    outline: shapely.Geometry
    """Polygons that do not overlap, longitude -180 to 180, latitude in degrees."""


def fields_of(sampling: Sampling) -> tuple[str, ...]:
    """Fields of the outlines that the settings need."""
    country = (COUNTRY,) if sampling.region == "eu27+gb" else ()
    return tuple(dict.fromkeys((*country, *((sampling.stratum,) if sampling.stratum else ()))))


def find_regions(outlines: Outlines, sampling: Sampling, path: str) -> tuple[Region, ...]:
    """The regions of a file, one a stratum in the order of their names, or one for all.

    Polygons of one region that overlap are joined, so that no area counts twice.

    Args:
        outlines: What `fields_of` asks for stands in its fields.
        sampling: Region, latitudes and strata.
        path: The file, for a sentence.

    Raises:
        UserError: Nothing of the region is there, or nothing between the latitudes.
    """
    kept = _kept(outlines, sampling, path)
    parts, names = outlines.shapes[kept], _names(outlines, sampling)[kept]
    if sampling.region == "eu27+gb":
        parts, names = _without_overseas(parts, names, path)
    parts, names = _between(parts, names, sampling)
    if not len(parts):
        raise UserError(
            f"{path}: holds no outline of {sampling.region!r} between the latitudes "
            f"{sampling.south:g} and {sampling.north:g}; change `sampling.south`, "
            "`sampling.north` or the region."
        )
    return tuple(
        Region(name, shapely.union_all(parts[names == name])) for name in sorted(set(names))
    )


def _names(outlines: Outlines, sampling: Sampling) -> Shapes:
    """Stratum of each polygon; none where the field is empty."""
    if not sampling.stratum:
        return np.full(len(outlines.shapes), "", dtype=object)
    return np.array([_text(value) for value in outlines.fields[sampling.stratum]], dtype=object)


def _text(value: object) -> str | None:
    missing = value is None or value == "" or (isinstance(value, float) and np.isnan(value))
    return None if missing else str(value)


def _kept(outlines: Outlines, sampling: Sampling, path: str) -> npt.NDArray[np.bool_]:
    """Which polygons belong to the region and have a stratum."""
    named = np.array([name is not None for name in _names(outlines, sampling)])
    if not named.all():
        LOGGER.warning(
            "%s: %d of %d polygons have no value of %s; no place is drawn in them.",
            path, (~named).sum(), len(named), sampling.stratum,
        )  # fmt: skip
    if sampling.region == "all":
        return named
    countries = outlines.fields[COUNTRY].astype(str)
    _tell_missing(set(countries), path)
    return named & np.isin(countries, EU27_GB)


def _tell_missing(there: set[str], path: str) -> None:
    missing = [code for code in EU27_GB if code not in there]
    if len(missing) == len(EU27_GB):
        raise UserError(
            f"{path}: holds none of the countries of `eu27+gb` in its field {COUNTRY}; set "
            "`sampling.outlines` to Natural Earth's countries, or `sampling.region` to all."
        )
    if missing:
        LOGGER.warning(
            "%s: holds no outline of %s, so no place lies there.", path, ", ".join(missing)
        )


def _without_overseas(parts: Shapes, names: Shapes, path: str) -> tuple[Shapes, Shapes]:
    inside = np.asarray(shapely.contains(EUROPE, shapely.point_on_surface(parts)))
    if not inside.all():
        LOGGER.info(
            "%s: %d parts of EU countries lie overseas, outside CORINE, and are left out.",
            path, (~inside).sum(),
        )  # fmt: skip
    return parts[inside], names[inside]


def _between(parts: Shapes, names: Shapes, sampling: Sampling) -> tuple[Shapes, Shapes]:
    """What lies between the latitudes, with longitudes beyond 180 brought back."""
    frame = shapely.box(-_HALF, sampling.south, _HALF, sampling.north)
    inside = shapely.covers(frame, parts)
    cut, names_cut = [parts[inside]], [names[inside]]
    for turns in (-1, 0, 1):
        moved = _moved(parts[~inside], turns * _TURN)
        pieces, owners = polygons_of(shapely.intersection(moved, frame))
        cut.append(pieces)
        names_cut.append(names[~inside][owners])
    return np.concatenate(cut), np.concatenate(names_cut)


def _moved(parts: Shapes, east: float) -> Shapes:
    return np.asarray(shapely.transform(parts, lambda places: places + (east, 0.0)), dtype=object)
