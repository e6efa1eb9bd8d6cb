"""OpenStreetMap as layers on disk: one raster a theme, on each sample's own grid.

A zip of one Zarr group with the arrays `layers` (sample, theme, y, x; 0 where nothing of
the theme lies, else the class's index in its theme, `UNCOVERED` where the extract has no
data), `sample_id`, `place`, `row` (row in the raw shard), `crs`, `affine`, `height` and
`width` (the sample's own grid: smaller samples stand in the upper left corner, padded with
`UNCOVERED`), and `covered` (share of the pixels that the extract has data of). The classes
stand in the attributes; what stands earlier there covers what stands later.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from speckle2vec.products.refused import refused
from speckle2vec.products.stores import new_store, open_store, stored

NOTHING = 0
UNCOVERED = 255
LayerArray = npt.NDArray[np.uint8]
Grid = tuple[str, tuple[float, ...], int, int]
"""CRS, affine (a to f), height, width."""


@dataclass(frozen=True)
class LayerClass:
    """One class of a theme."""

    theme: str
    name: str
    index: int
    """What stands in the pixels of its theme, from 1."""
    code: int
    colour: str
    """`#rrggbb`."""
    ground: bool
    """Whether it covers the ground."""


@dataclass(frozen=True)
class SampleLayers:
    """The layers of one sample on its own grid."""

    sample_id: str
    place: str
    row: int
    grid: Grid
    layers: LayerArray
    """(theme, y, x)."""


@dataclass(frozen=True)
class LayerShard:
    """An open shard of layers: pixels are read when asked for, the rest is here."""

    layers: zarr.Array[Any]
    sample_ids: tuple[str, ...]
    places: tuple[str, ...]
    rows: npt.NDArray[np.int64]
    grids: tuple[Grid, ...]
    covered: npt.NDArray[np.float64]
    themes: tuple[str, ...]
    classes: tuple[LayerClass, ...]
    attributes: Mapping[str, Any]

    def read(self, position: int) -> LayerArray:
        """Layers of one sample on its own grid, (theme, y, x)."""
        _, _, height, width = self.grids[position]
        return stored(self.layers, (position, slice(None), slice(height), slice(width)))


def write_layers(
    path: Path,
    samples: Iterable[SampleLayers],
    shapes: Sequence[tuple[int, int]],
    classes: Sequence[LayerClass],
    attributes: Mapping[str, Any],
) -> None:
    """Write a shard of layers, one chunk a sample; memory holds one sample.

    Args:
        path: The product, `results/osm/{corpus}/{shard}.zarr.zip`.
        samples: The accepted samples, in the order of the catalogue.
        shapes: Height and width of each of them.
        classes: The classes, those of a theme together, themes in the order of the layers.
        attributes: What was read.
    """
    height, width = (max((shape[axis] for shape in shapes), default=1) for axis in (0, 1))
    themes = list(dict.fromkeys(one.theme for one in classes))
    with new_store(path) as group:
        array = group.create_array(
            "layers", shape=(len(shapes), len(themes), height, width),
            chunks=(1, len(themes), height, width), dtype="uint8", fill_value=UNCOVERED,
            dimension_names=("sample", "theme", "y", "x"),
            chunk_key_encoding={"name": "default", "separator": "."},
        )  # fmt: skip
        facts = [_store(array, *entry) for entry in enumerate(samples)]
        if [fact[0].grid[2:] for fact in facts] != [tuple(shape) for shape in shapes]:
            raise ValueError(f"{path}: the samples have not the shapes announced.")
        _write_facts(group, facts)
        table = [asdict(one) for one in classes]
        group.attrs.update(
            {**attributes, "themes": themes, "classes": table, "uncovered": UNCOVERED}
        )


@contextmanager
def open_layers(path: Path) -> Iterator[LayerShard]:
    """Open a shard of layers for reading.

    Raises:
        UserError: The file is missing or damaged.
    """
    with open_store(path) as group:
        with refused(path):
            shard = _shard_of(group)
        yield shard


def _shard_of(group: zarr.Group) -> LayerShard:
    arrays = {name: np.asarray(group[name][...]) for name in _FACTS}  # type: ignore[index]
    attributes: dict[str, Any] = dict(group.attrs)
    grids = zip(
        map(str, arrays["crs"]), map(tuple, arrays["affine"].tolist()),
        arrays["height"].tolist(), arrays["width"].tolist(), strict=True,
    )  # fmt: skip
    return LayerShard(
        layers=group["layers"],  # type: ignore[arg-type]
        sample_ids=tuple(map(str, arrays["sample_id"])),
        places=tuple(map(str, arrays["place"])),
        rows=arrays["row"],
        grids=tuple(grids),
        covered=arrays["covered"],
        themes=tuple(attributes["themes"]),
        classes=tuple(LayerClass(**row) for row in attributes["classes"]),
        attributes=attributes,
    )


_FACTS = ("sample_id", "place", "row", "crs", "affine", "height", "width", "covered")


def _store(
    array: zarr.Array[Any], position: int, sample: SampleLayers
) -> tuple[SampleLayers, float]:
    _, height, width = sample.layers.shape
    array[position, :, :height, :width] = sample.layers
    covered = float((sample.layers[0] != UNCOVERED).mean())
    return SampleLayers(**{**vars(sample), "layers": sample.layers[:, :0, :0]}), covered


def _write_facts(group: zarr.Group, facts: Sequence[tuple[SampleLayers, float]]) -> None:
    samples = [sample for sample, _ in facts]
    for name, texts in (
        ("sample_id", [one.sample_id for one in samples]),
        ("place", [one.place for one in samples]),
        ("crs", [one.grid[0] for one in samples]),
    ):
        group.create_array(name, data=np.array(texts, dtype=np.dtypes.StringDType()))
    affines = np.array([one.grid[1] for one in samples], np.float64).reshape(-1, 6)
    group.create_array("affine", data=affines)
    for name, numbers in (
        ("row", [one.row for one in samples]),
        ("height", [one.grid[2] for one in samples]),
        ("width", [one.grid[3] for one in samples]),
    ):
        group.create_array(name, data=np.array(numbers, np.int64))
    group.create_array("covered", data=np.array([covered for _, covered in facts], np.float64))
