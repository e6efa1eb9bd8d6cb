"""Patches on disk until their shard is written: one file a place, whole or absent."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from speckle2vec.products.ledger import CUT, Entry
from speckle2vec.products.whole import whole_file

_TOLD = "speckle2vec"
Numbers = npt.NDArray[Any]


@dataclass(frozen=True)
class Series:
    """The images of one sensor, in the order of their dates."""

    images: Mapping[str, Numbers]
    """`bands` (date, band, y, x) and, of Sentinel-2, `cloud_mask` (date, y, x)."""
    moments: tuple[str, ...]
    """When they were taken, ISO text in UTC."""
    file_ids: tuple[str, ...]
    """Names of the items."""
    notes: Mapping[str, tuple[str | int, ...]] = field(default_factory=dict)
    """More that is known of each image."""

    @property
    def times(self) -> npt.NDArray[np.datetime64]:
        """When they were taken, (date), nanoseconds."""
        return np.array(self.moments, "datetime64[ns]")


@dataclass(frozen=True)
class Patch:
    """What was cut at one place."""

    epsg: int
    sensors: Mapping[str, Series]
    """`S1` and, where it is cut, `S2`."""


def identity(*parts: object) -> str:
    """Digest of what a patch was made from: another one makes it again."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def patch_path(folder: Path, place: str) -> Path:
    """Where the outcome of a place is kept."""
    return folder / f"{place}.safetensors"


def write_outcome(path: Path, made_from: str, entry: Entry, patch: Patch | None) -> None:
    """Keep what became of a place, with its patch where it was cut."""
    told: dict[str, Any] = {"made_from": made_from, "entry": asdict(entry)}
    tensors: dict[str, Numbers] = {}
    if patch is not None:
        told |= {"epsg": patch.epsg, "sensors": {}}
        for name, series in patch.sensors.items():
            told["sensors"][name] = _told(series)
            tensors |= {f"{name}/{key}": values for key, values in series.images.items()}
    content = save(tensors, {_TOLD: json.dumps(told, sort_keys=True)})
    with whole_file(path) as target:
        target.write_bytes(content)


def read_entry(path: Path, made_from: str) -> Entry | None:
    """What became of a place before; none where that is unknown, or it was something else."""
    try:
        with safe_open(path, "np") as file:
            told = json.loads(file.metadata()[_TOLD])
    except (FileNotFoundError, SafetensorError, TypeError, KeyError, ValueError):
        return None
    return Entry(**told["entry"]) if told["made_from"] == made_from else None


def read_patch(path: Path, sensor: str) -> Patch:
    """The patch of a place that was cut, with the images of one sensor."""
    with safe_open(path, "np") as file:
        told = json.loads(file.metadata()[_TOLD])
        one = told["sensors"][sensor]
        images = {key: file.get_tensor(f"{sensor}/{key}") for key in one["images"]}
    notes = {key: tuple(values) for key, values in one["notes"].items()}
    series = Series(images, tuple(one["moments"]), tuple(one["file_ids"]), notes)
    return Patch(told["epsg"], {sensor: series})


def all_cut(entries: Sequence[Entry]) -> list[str]:
    """The places that have a patch, in their order."""
    return [entry.place for entry in entries if entry.verdict == CUT]


def _told(series: Series) -> dict[str, Any]:
    return {
        "images": list(series.images), "moments": series.moments, "file_ids": series.file_ids,
        "notes": dict(series.notes),
    }  # fmt: skip
