"""Writing a shard of OpenStreetMap layers, one sample at a time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from speckle2vec.products.osm_layers import UNCOVERED, Grid, LayerArray, LayerClass
from speckle2vec.products.stores import new_store


@dataclass(frozen=True)
class SampleLayers:
    """The layers of one sample on its own grid."""

    sample_id: str
    place: str
    row: int
    grid: Grid
    layers: LayerArray
    """(theme, y, x)."""


def write_layers(
    path: Path,
    samples: Iterable[SampleLayers],
    shapes: Sequence[tuple[int, int]],
    classes: Sequence[LayerClass],
    attributes: Mapping[str, Any],
) -> None:
    """Write a shard of layers, one chunk a sample; memory holds one or two.

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


def _store(
    array: zarr.Array[Any], position: int, sample: SampleLayers
) -> tuple[SampleLayers, float]:
    _, height, width = sample.layers.shape
    array[position, :, :height, :width] = sample.layers
    covered = float((sample.layers[0] != UNCOVERED).mean())
    without = np.empty((0, 0, 0), np.uint8)  # a view would keep all pixels in memory
    return replace(sample, layers=without), covered


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
