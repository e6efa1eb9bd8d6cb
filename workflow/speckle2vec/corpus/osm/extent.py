"""Where an extract has data: outside of it nothing is known, inside nothing may be there."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely

from speckle2vec.corpus.osm.file import Header, extent_of_nodes
from speckle2vec.errors import UserError
from speckle2vec.progress import LOGGER
from speckle2vec.readers.locations import locate
from speckle2vec.settings.root import Settings


def extent_of(settings: Settings, header: Header, path: Path) -> shapely.Geometry:
    """Where an extract has data, degrees.

    The outline of the settings; else the bounding box in the file's header; else that of
    its nodes, which takes one more pass over the file.

    Raises:
        UserError: The outline cannot be read, or the file holds no node.
    """
    if settings.osm.outline:
        return _outline(locate(settings.data, settings.osm.outline))
    if header.extent is not None:
        return header.extent
    LOGGER.info("%s: tells no bounding box; looking at all nodes for theirs.", path)
    return extent_of_nodes(path)


def told(bounds: Sequence[float]) -> str:
    """Where a box lies, for a sentence."""
    west, south, east, north = bounds
    return f"longitude {west:.2f} to {east:.2f}, latitude {south:.2f} to {north:.2f}"


def _outline(path: str) -> shapely.Geometry:
    try:
        frame = gpd.read_file(path)
    except (pyogrio.errors.DataSourceError, OSError) as error:
        raise UserError(
            f"{path}: cannot be read as a vector file ({error}); correct `osm.outline`."
        ) from error
    if frame.crs is None:
        raise UserError(
            f"{path}: has no coordinate reference system, so nobody knows where it lies; write "
            "one into it, such as `ogr2ogr -a_srs EPSG:4326 new.gpkg old.gpkg`."
        )
    areas = frame.to_crs("EPSG:4326").geometry
    areas = areas[areas.notna() & (shapely.get_dimensions(areas.to_numpy()) == 2)]
    if areas.empty:
        raise UserError(f"{path}: holds no polygon; correct `osm.outline`.")
    whole: shapely.Geometry = shapely.make_valid(areas.union_all())
    return whole
