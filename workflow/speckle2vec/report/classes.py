"""The land cover of the samples: the commonest class of each, and the pixels of each split."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.products.accepted import AcceptedSamples
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import CountArray, LabelClass, open_labels
from speckle2vec.progress import track

UNKNOWN = "no label"
UNKNOWN_COLOUR = "#bdbdbd"


@dataclass(frozen=True)
class Cover:
    """Land cover, as far as labels stand."""

    classes: tuple[LabelClass, ...]
    commonest: dict[str, int]
    """Index of the commonest class of each sample; 0 where no pixel has one."""
    pixels: dict[str, CountArray]
    """Pixels of each class by split, nodata first."""

    def names(self) -> list[str]:
        """Names by index, `no label` first."""
        return [UNKNOWN, *(one.name for one in self.classes)]

    def colours(self) -> dict[str, str]:
        """The official colours by name."""
        return {UNKNOWN: UNKNOWN_COLOUR, **{one.name: one.colour for one in self.classes}}

    def of(self, ids: Sequence[str]) -> npt.NDArray[np.int64]:
        """Class index of samples."""
        return np.array([self.commonest.get(name, 0) for name in ids], np.int64)


def read_cover(keys: Sequence[ShardKey], folder: Path, samples: AcceptedSamples) -> Cover:
    """Read the class counts of all shards; no raster is read.

    Args:
        keys: The shards.
        folder: Folder of the labels.
        samples: Which samples count in each, with `split`.

    Raises:
        UserError: A part is missing or damaged, or two have other classes.
    """
    classes: tuple[LabelClass, ...] | None = None
    commonest: dict[str, int] = {}
    pixels: defaultdict[str, CountArray] = defaultdict(lambda: np.zeros(1, np.int64))
    for key in track(keys, len(keys), "Counting land cover"):
        with open_labels(key.part(folder, ".zarr.zip")) as shard:
            if classes not in (None, shard.classes):
                raise UserError(
                    f"{key}: its labels have other classes than those of {keys[0]}; remove "
                    "results/labels and run the same command again."
                )
            classes = shard.classes
            rows = samples.of(key).select(["sample_id", "split"]).to_pydict()
            splits = dict(zip(rows["sample_id"], rows["split"], strict=True))
            for name, counts in zip(shard.sample_ids, shard.counts, strict=True):
                if name in splits:
                    known, split = counts[1:], splits[name] or ""
                    commonest[name] = int(known.argmax()) + 1 if known.any() else 0
                    pixels[split] = pixels[split] + counts
    return Cover(classes or (), commonest, dict(pixels))
