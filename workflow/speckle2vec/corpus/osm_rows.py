"""From features to rows: which samples a feature touches, and what of it lies there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from speckle2vec.corpus.osm_objects import Feature
from speckle2vec.corpus.osm_patches import Geometries, Patches
from speckle2vec.corpus.osm_tags import under_ground
from speckle2vec.products.osm_features import SCHEMA

PART = "part"
ORDER = [(name, "ascending") for name in ("position", "kind", "osm_id", "theme_order")]
_KINDS = {"node": 0, "way": 1, "relation": 2}
_SORTED = pa.schema([
    *SCHEMA, (PART, pa.int32()), ("position", pa.int64()), ("kind", pa.int8()),
    ("theme_order", pa.int16()),
])  # fmt: skip


@dataclass
class Rows:
    """Makes rows of features, one a sample, feature and theme."""

    patches: Patches
    parts: Mapping[str, int]
    """Place of each shard in the order of the product."""
    ranks: Mapping[str, int]
    """Place of each class in the table."""
    taken: int = 0
    """Rows so far."""
    repaired: set[tuple[str, int]] = field(default_factory=set)
    """Kind and number of polygons that were invalid."""

    def of(self, batch: Sequence[Feature]) -> pa.Table:
        """The rows of some features, columns as `SCHEMA` and those of `PART` and `ORDER`."""
        shapes = self._valid(shapely.from_wkb([one.wkb for one in batch]), batch)
        which, where = self.patches.tree.query(shapes)
        cut, outlines = shapes[which], self.patches.outlines[where]
        whole = shapely.covers(outlines, cut)
        cut[~whole] = within(cut[~whole], outlines[~whole])
        kept = np.flatnonzero(~shapely.is_empty(cut))
        rows = [
            row
            for index, geometry in zip(kept, shapely.to_wkb(cut[kept]), strict=True)
            for row in self._rows(
                batch[int(which[index])], int(where[index]), geometry, whole[index]
            )
        ]
        self.taken += len(rows)
        return pa.Table.from_pylist(rows, schema=_SORTED)

    def _rows(
        self, one: Feature, position: int, geometry: bytes, whole: bool
    ) -> Iterator[dict[str, Any]]:
        shard = self.patches.shards[position]
        tags = json.dumps(one.tags, sort_keys=True, ensure_ascii=False)
        for theme, name in one.classes:
            yield {
                "sample_id": self.patches.sample_ids[position], "shard": shard,
                "osm_type": one.kind, "osm_id": one.number, "version": one.version,
                "theme": theme, "class": name, "tags": tags, "hidden": under_ground(one.tags),
                "whole": whole, "geometry": geometry, PART: self.parts[shard],
                "position": position, "kind": _KINDS[one.kind], "theme_order": self.ranks[name],
            }  # fmt: skip

    def _valid(self, shapes: Geometries, batch: Sequence[Feature]) -> Geometries:
        single = shapely.get_num_geometries(shapes) == 1
        shapes[single] = shapely.get_geometry(shapes[single], 0)
        for index in np.flatnonzero(~shapely.is_valid(shapes)).tolist():
            if shapely.get_dimensions(shapes[index]) == 2:
                shapes[index] = shapely.make_valid(shapes[index], method="structure")
                self.repaired.add((batch[index].kind, batch[index].number))
        return shapes


def within(shapes: Geometries, outlines: Geometries) -> Geometries:
    """What of each geometry lies within its outline, by pairs.

    Where a polygon or line only touches an outline, what is left of it is empty.
    """
    if not len(shapes):
        return shapes
    parts, whose = shapely.get_parts(shapely.intersection(shapes, outlines), return_index=True)
    same = shapely.get_dimensions(parts) == shapely.get_dimensions(shapes)[whose]
    parts, whose = parts[same], whose[same]
    bounds = np.searchsorted(whose, np.arange(len(shapes) + 1))
    return np.array([_joined(parts[start:end]) for start, end in pairwise(bounds)], np.object_)


def _joined(parts: Geometries) -> Any:  # noqa: ANN401 - shapely's own types do not tell
    """Parts of one dimension as one geometry."""
    if len(parts) == 1:
        return parts[0]
    if not len(parts):
        return shapely.GeometryCollection()
    flat = shapely.get_dimensions(parts[0]) == 2
    return shapely.multipolygons(parts) if flat else shapely.multilinestrings(parts)
