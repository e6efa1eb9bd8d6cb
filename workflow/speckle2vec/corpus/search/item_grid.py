"""The grid that a STAC item tells of, where what it tells agrees."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

Bounds = tuple[float, float, float, float]
EMPTY_BOUNDS: Bounds = (math.nan, math.nan, math.nan, math.nan)
_GRID = ("proj:transform", "proj:shape", "proj:bbox")
PROJECTION = "/projection/"


def without_stale_grids(item: dict[str, Any]) -> dict[str, Any]:
    """An item without transforms that its own bounds contradict.

    Some archives copied the shape and transform of the raw image to the corrected one. The
    files know better: without these fields a reader asks them.
    """
    holders = [item["properties"], *item["assets"].values()]
    for fields in holders:
        if _contradicts_itself(fields):
            for name in _GRID:
                fields.pop(name, None)
    inherited = _complete(item["properties"])
    if not all(inherited or _complete(asset) for asset in item["assets"].values()):
        # A reader that is promised grids would stop at the first that lacks.
        item["stac_extensions"] = [one for one in item["stac_extensions"] if PROJECTION not in one]
    return item


def grid_bounds(item: Mapping[str, Any], assets: Sequence[str]) -> Bounds | None:
    """West, south, east and north edge of an item's grid, in its own CRS; none where not told."""
    held = [item["assets"][name] for name in assets if name in item["assets"]]
    for fields in (item["properties"], *held):
        found = _from_transform(fields) or _from_box(fields)
        if found:
            return found
    return None


def _complete(fields: Mapping[str, Any]) -> bool:
    return all(fields.get(name) for name in _GRID[:2])


def _contradicts_itself(fields: Mapping[str, Any]) -> bool:
    box, grid = _from_box(fields), _from_transform(fields)
    if box is None or grid is None:
        return False
    pixel = max(abs(float(fields["proj:transform"][at])) for at in (0, 4))
    return max(abs(one - other) for one, other in zip(box, grid, strict=True)) > pixel


def _from_box(fields: Mapping[str, Any]) -> Bounds | None:
    box = _numbers(fields.get("proj:bbox"), 4)
    return _sorted(box[0], box[1], box[2], box[3]) if box else None


def _from_transform(fields: Mapping[str, Any]) -> Bounds | None:
    transform = _numbers(fields.get("proj:transform"), 6)
    shape = _numbers(fields.get("proj:shape"), 2)
    if not (transform and shape):
        return None
    a, b, c, d, e, f = transform[:6]
    if b or d or not a or not e:
        return None
    return _sorted(c, f, c + a * shape[1], f + e * shape[0])


def _numbers(values: object, least: int) -> list[float]:
    """So many numbers or more; none where something else is told."""
    given = values if isinstance(values, list | tuple) else ()
    numbers = [float(one) for one in given if isinstance(one, int | float)]
    return numbers if len(numbers) == len(given) >= least else []


def _sorted(x: float, y: float, other_x: float, other_y: float) -> Bounds:
    return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)
