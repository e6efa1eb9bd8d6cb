"""Writing a shard of labels, one sample at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from speckle2vec.products.labels import NODATA, ClassArray, CountArray, LabelClass
from speckle2vec.products.stores import new_store

Facts = tuple[tuple[str, int], int, int, CountArray, float]


@dataclass(frozen=True)
class SampleLabels:
    """The labels of one sample on its own grid."""

    sample_id: str
    row: int
    labels: ClassArray
    """(y, x) class indices, 0 where there is no class."""
    covered: float
    """Share of the pixels that the source says anything about, 0..1."""


def write_labels(
    path: Path,
    samples: Iterable[SampleLabels],
    shapes: Sequence[tuple[int, int]],
    classes: Sequence[LabelClass],
    attributes: Callable[[], Mapping[str, Any]],
) -> None:
    """Write a shard of labels, one chunk a sample; memory holds one sample.

    Args:
        path: The product, `results/labels/{corpus}/{shard}.zarr.zip`.
        samples: The accepted samples, in the order of the catalogue.
        shapes: Height and width of each of them.
        classes: The class table, indices 1, 2, ...
        attributes: Gives level and source, once the last sample has been written.
    """
    height, width = (max((shape[axis] for shape in shapes), default=1) for axis in (0, 1))
    with new_store(path) as group:
        array = group.create_array(
            "labels", shape=(len(shapes), height, width), chunks=(1, height, width),
            dtype="uint8", fill_value=NODATA, dimension_names=("sample", "y", "x"),
            chunk_key_encoding={"name": "default", "separator": "."},
        )  # fmt: skip
        facts = [_store(array, *entry, len(classes) + 1) for entry in enumerate(samples)]
        if [fact[1:3] for fact in facts] != [(row[0], row[1]) for row in shapes]:
            raise ValueError(f"{path}: the samples have not the shapes announced.")
        _write_facts(group, facts, len(classes) + 1)
        table = [asdict(one) for one in classes]
        group.attrs.update({**attributes(), "nodata": NODATA, "classes": table})


def _store(array: zarr.Array[Any], position: int, sample: SampleLabels, classes: int) -> Facts:
    height, width = sample.labels.shape
    array[position, :height, :width] = sample.labels
    counts = np.bincount(sample.labels.ravel(), minlength=classes).astype(np.int64)
    return (sample.sample_id, sample.row), height, width, counts, sample.covered


def _write_facts(group: zarr.Group, facts: Sequence[Facts], classes: int) -> None:
    names = [name for (name, _), *_ in facts]
    group.create_array("sample_id", data=np.array(names, dtype=np.dtypes.StringDType()))
    group.create_array("row", data=np.array([row for (_, row), *_ in facts], np.int64))
    group.create_array("height", data=np.array([fact[1] for fact in facts], np.int64))
    group.create_array("width", data=np.array([fact[2] for fact in facts], np.int64))
    counts = np.array([fact[3] for fact in facts], np.int64).reshape(-1, classes)
    group.create_array("counts", data=counts)
    group.create_array("covered", data=np.array([fact[4] for fact in facts], np.float64))
