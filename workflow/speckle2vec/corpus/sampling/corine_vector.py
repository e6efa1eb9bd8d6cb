"""The class of CORINE at places, from polygons of a file of any size."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import pyproj
import shapely

from speckle2vec.corpus.sampling.corine_codes import by_tile, level_1, to_system, without_crs
from speckle2vec.corpus.sampling.parts import IntArray, Shapes
from speckle2vec.errors import UserError
from speckle2vec.readers.vector_errors import UNREADABLE
from speckle2vec.settings.archive import CorineStrata
from speckle2vec.settings.labels import LAYER

DoubleArray = npt.NDArray[np.float64]
TILE_M = 25_000.0
"""Side of the squares in which polygons are read together."""
_DEGREE_M = 111_000.0


class CorinePolygons:
    """A layer of polygons; only those around places are ever read."""

    def __init__(self, corine: CorineStrata, path: str) -> None:
        self._corine, self._path = corine, path
        try:
            layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind]
            self._layer = _choose(path, layers, corine.layer)
            info = pyogrio.read_info(path, layer=self._layer)
        except UNREADABLE as error:
            raise UserError(
                f"{path}: cannot be read as polygons of CORINE ({error}); correct "
                "`sampling.corine.path`."
            ) from error
        if info["crs"] is None:
            raise without_crs(path)
        self._move = to_system(info["crs"])
        projected = pyproj.CRS.from_user_input(info["crs"]).is_projected
        self._side = TILE_M if projected else TILE_M / _DEGREE_M
        self._field = self._find_field(list(info["fields"]))

    def __call__(self, places: DoubleArray) -> IntArray:
        """Level-1 class of places (longitude and latitude, degrees), 0 where there is none."""
        spots = np.stack(self._move.transform(*places.T), axis=1)
        classes = np.zeros(len(places), np.int64)
        here = np.flatnonzero(np.isfinite(spots).all(axis=1))
        for mine in by_tile(spots[here], self._side):
            classes[here[mine]] = self._classes(spots[here[mine]])
        return classes

    def _classes(self, spots: DoubleArray) -> IntArray:
        """Classes of places of one tile; of polygons that overlap the later one counts."""
        box = (*spots.min(axis=0), *spots.max(axis=0))
        try:
            _, _, shapes, (codes,) = pyogrio.raw.read(
                self._path, layer=self._layer, columns=[self._field], bbox=box
            )
            which, polygon = _inside(spots, shapely.from_wkb(shapes))
        except UNREADABLE as error:
            raise UserError(f"{self._path}: is damaged ({error}); fetch it again.") from error
        last = np.full(len(spots), -1)
        np.maximum.at(last, which, polygon)
        classes = np.zeros(len(spots), np.int64)
        found = last >= 0
        classes[found] = level_1(self._whole(codes[last[found]]), self._corine.codes)
        return classes

    def _whole(self, codes: npt.NDArray[Any]) -> IntArray:
        try:
            return codes.astype(np.float64).astype(np.int64)
        except ValueError as error:
            raise UserError(
                f"{self._path}: the field {self._field!r} holds no CORINE codes ({error}); correct "
                "`sampling.corine.field`."
            ) from error

    def _find_field(self, fields: list[str]) -> str:
        wanted = self._corine.field
        for name in fields:
            if name.casefold() == wanted.casefold():
                return name
        raise UserError(
            f"{self._path}: layer {self._layer!r} has no field {wanted!r}; set "
            f"`sampling.corine.field` to one of {', '.join(fields) or 'none'}."
        )


def _inside(spots: DoubleArray, shapes: Shapes) -> tuple[IntArray, IntArray]:
    """Pairs of a spot and a polygon that it lies in."""
    which, polygon = shapely.STRtree(shapes).query(shapely.points(spots))
    shapely.prepare(shapes)
    held = shapely.contains_xy(shapes[polygon], *spots[which].T)
    return which[held], polygon[held]


def _choose(path: str, layers: list[str], wanted: str) -> str:
    likely = [LAYER, *(layers if len(layers) == 1 else [])]
    for name in [wanted] if wanted else likely:
        if name in layers:
            return name
    raise UserError(
        f"{path}: which layer holds CORINE is not clear; set `sampling.corine.layer` to one of "
        f"{', '.join(layers) or 'none'}."
    )
