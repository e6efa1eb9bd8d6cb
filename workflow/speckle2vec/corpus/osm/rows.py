"""From features to rows: which samples a feature touches, and what of it lies there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from speckle2vec.corpus.osm.objects import Feature
from speckle2vec.corpus.osm.patches import Geometries, Patches
from speckle2vec.corpus.osm.tags import under_ground
from speckle2vec.products.osm_features import SCHEMA

PART = "part"
ORDER = [(name, "ascending") for name in ("position", "kind", "osm_id", "theme_order")]
_KINDS = {"node": 0, "way": 1, "relation": 2}
_SORTED = pa.schema([
    *SCHEMA, (PART, pa.int32()), ("position", pa.int64()), ("kind", pa.int8()),
    ("theme_order", pa.int16()),
])  # fmt: skip


@dataclass(frozen=True)
class _Touched:
    """Pairs of a feature and a sample that it touches."""

    features: Sequence[int]
    """Place of each feature in its batch."""
    samples: Sequence[int]
    """Place of each sample in the catalogue."""
    whole: Sequence[bool]
    """Whether the feature lies in the sample as a whole."""


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
        touched = _Touched(which[kept].tolist(), where[kept].tolist(), whole[kept].tolist())
        table = self._table(batch, touched, shapely.to_wkb(cut[kept]))
        self.taken += len(table)
        return table

    def _table(
        self, batch: Sequence[Feature], touched: "_Touched", shapes: npt.NDArray[np.object_]
    ) -> pa.Table:
        """One row for every class of a feature in every sample that it touches."""
        entries = [
            (pair, one, theme, name)
            for pair, one in enumerate(batch[index] for index in touched.features)
            for theme, name in one.classes
        ]
        pairs = [pair for pair, *_ in entries]
        features = [one for _, one, *_ in entries]
        positions = [touched.samples[pair] for pair in pairs]
        shards = [self.patches.shards[position] for position in positions]
        texts = {index: _text(batch[index].tags) for index in set(touched.features)}
        hidden = {index: under_ground(batch[index].tags) for index in texts}
        return pa.table(
            {
                "sample_id": [self.patches.sample_ids[position] for position in positions],
                "shard": shards,
                "osm_type": [one.kind for one in features],
                "osm_id": [one.number for one in features],
                "version": [one.version for one in features],
                "theme": [theme for *_, theme, _ in entries],
                "class": [name for *_, name in entries],
                "tags": [texts[touched.features[pair]] for pair in pairs],
                "hidden": [hidden[touched.features[pair]] for pair in pairs],
                "whole": [touched.whole[pair] for pair in pairs],
                "geometry": shapes[pairs],
                PART: [self.parts[shard] for shard in shards],
                "position": positions,
                "kind": [_KINDS[one.kind] for one in features],
                "theme_order": [self.ranks[name] for *_, name in entries],
            },
            schema=_SORTED,
        )

    def _valid(self, shapes: Geometries, batch: Sequence[Feature]) -> Geometries:
        single = shapely.get_num_geometries(shapes) == 1
        shapes[single] = shapely.get_geometry(shapes[single], 0)
        for index in np.flatnonzero(~shapely.is_valid(shapes)).tolist():
            if shapely.get_dimensions(shapes[index]) == 2:
                shapes[index] = shapely.make_valid(shapes[index], method="structure")
                self.repaired.add((batch[index].kind, batch[index].number))
        return shapes


def _text(tags: Mapping[str, str]) -> str:
    return json.dumps(tags, sort_keys=True, ensure_ascii=False)


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
