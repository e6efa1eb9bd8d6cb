"""The polygons that shapes consist of."""

import numpy as np
import numpy.typing as npt
import shapely

Shapes = npt.NDArray[np.object_]
IntArray = npt.NDArray[np.int64]


def polygons_of(shapes: Shapes) -> tuple[Shapes, IntArray]:
    """Single polygons, and for each the position of the shape it is part of.

    Cutting and repairing leave lines and points behind as well; those have no area and are
    dropped.

    Args:
        shapes: Geometries of any kind, none among them allowed, (shape).
    """
    parts, owners = shapely.get_parts(shapes, return_index=True)
    single, inner = shapely.get_parts(parts, return_index=True)
    areas = (shapely.get_dimensions(single) == 2) & ~shapely.is_empty(single)
    return single[areas], owners[inner][areas]
