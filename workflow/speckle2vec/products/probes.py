"""Targets and probes on disk: Parquet, with what they mean as JSON in the metadata."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speckle2vec.products.parquet import about_of, read_table, told, write_table
from speckle2vec.products.refused import refused

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Target:
    """What a probe is asked, for some samples."""

    name: str
    """Name of the label, such as `land-cover`."""
    kind: str
    """`classification` or `regression`."""
    ids: Array
    """Sample ids, text, (sample)."""
    values: Array
    """Classes as text, or numbers as float64, (sample)."""


@dataclass(frozen=True)
class Probe:
    """What a probe of one model answered, sample by sample."""

    about: Mapping[str, Any]
    """Label, kind, classes, chosen strength, counts of samples, encoder, versions."""
    ids: Array
    """Ids of the scored samples, (sample)."""
    blocks: Array
    """Block of each, (sample)."""
    truth: Array
    """Their labels: classes as text, or float64."""
    predicted: Array
    """What the probe said."""
    nearest: Array | None = None
    """What the nearest training samples say instead."""


def write_target(target: Target, path: Path) -> None:
    """Write a target: columns `id` and `label`."""
    columns = {"id": target.ids.tolist(), "label": target.values.tolist()}
    _write(pa.table(columns), {"name": target.name, "kind": target.kind}, path)


def read_target(path: Path) -> Target:
    """Read a target.

    Raises:
        UserError: The file is missing, damaged, or no target.
    """
    table, about = _read(path, ("name", "kind"))
    return Target(about["name"], about["kind"], _column(table, "id"), _column(table, "label"))


def write_probe(probe: Probe, path: Path) -> None:
    """Write a probe: columns `id`, `block`, `label`, `predicted` and perhaps `nearest`."""
    columns = {
        "id": probe.ids.tolist(),
        "block": probe.blocks.tolist(),
        "label": probe.truth.tolist(),
        "predicted": probe.predicted.tolist(),
    }
    if probe.nearest is not None:
        columns["nearest"] = probe.nearest.tolist()
    _write(pa.table(columns), probe.about, path)


def read_probe(path: Path) -> Probe:
    """Read a probe.

    Raises:
        UserError: The file is missing, damaged, or no probe.
    """
    table, about = _read(path, ("label", "kind", "classes", "strength"))
    names = ("id", "block", "label", "predicted")
    ids, blocks, truth, predicted = (_column(table, name) for name in names)
    nearest = _column(table, "nearest") if "nearest" in table.column_names else None
    return Probe(about, ids, blocks, truth, predicted, nearest)


def _write(table: pa.Table, about: Mapping[str, Any], path: Path) -> None:
    write_table(table.replace_schema_metadata(told(about)), path)


def _read(path: Path, names: tuple[str, ...]) -> tuple[pa.Table, dict[str, Any]]:
    table = read_table(path)
    with refused(path):
        about = about_of(table.schema)
        missing = [name for name in names if name not in about]
        if missing:
            raise KeyError(missing[0])
    return table, about


def _column(table: pa.Table, name: str) -> Array:
    values = table[name].to_pylist()
    return np.array(values, dtype=np.float64 if pa.types.is_floating(table[name].type) else None)
