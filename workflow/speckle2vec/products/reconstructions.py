"""Images and what a model makes of them, on disk.

A zip of one Zarr group with the arrays `original` and `decoded_{code}`, both (sample, feature,
y, x) in standard deviations of the features about their means, float32, one chunk a sample;
`sample_id` and `block` (sample). What they mean stands in the attributes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from speckle2vec.products.refused import refused
from speckle2vec.products.stores import new_store, open_store, stored

FloatArray = npt.NDArray[np.float32]
ORIGINAL, DECODED = "original", "decoded_"
NEEDED = ("features", "units", "deviations", "numbers", "starts_from", "bytes", "codes")


@dataclass(frozen=True)
class Images:
    """Some samples, as they are and as decoded from each code."""

    original: FloatArray
    """(sample, feature, y, x)."""
    decoded: Mapping[str, FloatArray]
    """The same by the name of the code."""


@dataclass(frozen=True)
class Reconstructions:
    """An open file of images."""

    arrays: Mapping[str, zarr.Array[Any]]
    """Originals and decoded images by name."""
    sample_ids: tuple[str, ...]
    blocks: tuple[str, ...]
    """Block of each sample."""
    about: Mapping[str, Any]
    """`features`, their `units` and `deviations`; how many `numbers` images are decoded from and
    what it `starts_from`; `bytes` a sample by code; encoder, method, versions."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Names of the codes, in the order of the settings."""
        return tuple(self.about["codes"])

    def read(self, start: int, stop: int) -> Images:
        """Images of consecutive samples.

        Raises:
            UserError: The file is damaged there.
        """
        rows = slice(start, stop)
        decoded = {code: self._read(f"{DECODED}{code}", rows) for code in self.codes}
        return Images(self._read(ORIGINAL, rows), decoded)

    def _read(self, name: str, rows: slice) -> FloatArray:
        return stored(self.arrays[name], rows)


def write_reconstructions(
    path: Path,
    blocks_of_images: Iterator[Images],
    sample_ids: Sequence[str],
    blocks: Sequence[str],
    shape: tuple[int, int, int],
    about: Mapping[str, Any],
) -> None:
    """Write images as they come; memory holds one block of them.

    Args:
        path: `results/reconstructions/{model}/images.zarr.zip`.
        blocks_of_images: Consecutive samples, together one a sample id.
        sample_ids: Their ids.
        blocks: Block of each.
        shape: Feature, y, x of an image.
        about: What the attributes say; `codes` names the codes.
    """
    with new_store(path) as group:
        arrays = {
            name: group.create_array(
                name, shape=(len(sample_ids), *shape), chunks=(1, *shape), dtype="float32",
                dimension_names=("sample", "feature", "y", "x"),
            )
            for name in (ORIGINAL, *(f"{DECODED}{code}" for code in about["codes"]))
        }  # fmt: skip
        done = 0
        for some in blocks_of_images:
            rows = slice(done, done + len(some.original))
            arrays[ORIGINAL][rows] = some.original
            for code, images in some.decoded.items():
                arrays[f"{DECODED}{code}"][rows] = images
            done += len(some.original)
        for name, texts in (("sample_id", sample_ids), ("block", blocks)):
            group.create_array(name, data=np.array(texts, dtype=np.dtypes.StringDType()))
        group.attrs.update(dict(about))


@contextmanager
def open_reconstructions(path: Path) -> Iterator[Reconstructions]:
    """Open a file of images for reading.

    Raises:
        UserError: The file is missing or damaged.
    """
    with open_store(path) as group:
        with refused(path):
            missing = [name for name in NEEDED if name not in group.attrs]
            if missing:
                raise KeyError(missing[0])
            about: dict[str, Any] = dict(group.attrs)
            names = (ORIGINAL, *(f"{DECODED}{code}" for code in about["codes"]))
            arrays = {name: _array(group, name) for name in names}
            ids, blocks = (
                tuple(map(str, stored(_array(group, name), slice(None))))
                for name in ("sample_id", "block")
            )
            found = Reconstructions(arrays, ids, blocks, about)
        yield found


def _array(group: zarr.Group, name: str) -> zarr.Array[Any]:
    array = group[name]
    if not isinstance(array, zarr.Array):
        raise TypeError(f"{name} is no array")
    return array
