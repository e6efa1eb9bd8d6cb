"""Where an extract has data: outside of it nothing is known, inside nothing may be there."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from speckle2vec.corpus.degrees import to_degrees
from speckle2vec.corpus.osm.file import Header, extent_of_nodes
from speckle2vec.corpus.sampling.parts import Shapes, polygons_of
from speckle2vec.errors import UserError
from speckle2vec.progress import LOGGER
from speckle2vec.readers.locations import locate
from speckle2vec.readers.vector_errors import UNREADABLE
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
    frame = _read(path)
    shapes = frame.geometry.to_numpy()
    areas = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    polygons, owners = polygons_of(shapely.make_valid(shapes[areas]))
    if not len(polygons):
        raise UserError(f"{path}: holds no polygon; correct `osm.outline`.")
    degrees = to_degrees(polygons, areas[owners] + 1, frame.crs.to_wkt(), path)
    return _between_180(shapely.make_valid(degrees))


def _read(path: str) -> gpd.GeoDataFrame:
    try:
        frame = gpd.read_file(path)
    except (*UNREADABLE, OSError) as error:
        raise UserError(
            f"{path}: cannot be read as a vector file ({error}); correct `osm.outline`."
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise UserError(f"{path}: holds no polygon; correct `osm.outline`.")
    if frame.crs is None:
        raise UserError(
            f"{path}: has no coordinate reference system, so nobody knows where it lies; write "
            "one into it, such as `ogr2ogr -a_srs EPSG:4326 new.gpkg old.gpkg`."
        )
    return frame


def _between_180(shapes: Shapes) -> shapely.Geometry:
    """All shapes as one; what lies beyond the antimeridian stands on its other side."""
    turned = [shapely.transform(shapes, partial(np.add, (turn, 0.0))) for turn in (-360, 0, 360)]
    whole = shapely.union_all(np.concatenate(turned))
    return shapely.intersection(whole, shapely.box(-180, -90, 180, 90))
