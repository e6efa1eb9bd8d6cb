"""Sentinel-2 images beside the samples of a shard of Sentinel-1."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from speckle2vec.choices import optical_module
from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.listing import declared_corpus
from speckle2vec.readers.optical_listing import list_optical
from speckle2vec.settings.root import Settings

if TYPE_CHECKING:
    import numpy as np

    from speckle2vec.readers.base import FloatArray, Sample

Window = tuple[slice, slice]


class PairError(UserError):
    """An image cannot be paired with its sample; another image, another sample may."""


@dataclass(frozen=True)
class OpticalImage:
    """One Sentinel-2 image on the grid of its sample."""

    values: "FloatArray"
    """Surface reflectance, 0 and more, (band, y, x); NaN where nothing is known."""
    offset: int
    """What was added to the stored numbers before they were scaled."""
    source: str
    """Who said so."""


class OpticalShard(Protocol):
    """The Sentinel-2 images of one shard, open for reading."""

    def dates(self, sample: "Sample") -> tuple["np.datetime64", ...]:
        """Acquisition dates of the images of a sample, NaT where unknown.

        Raises:
            PairError: There is no image of the sample.
        """
        ...

    def read(self, sample: "Sample", date: int, window: Window) -> OpticalImage:
        """Part of one image.

        Args:
            sample: The sample of Sentinel-1.
            date: Position among the dates.
            window: Rows and columns of the sample's grid.

        Raises:
            PairError: The image is of other ground, or of another coordinate system.
            UserError: A file is damaged, or does not say whether it holds an offset.
        """
        ...

    def close(self) -> None:
        """Release the files."""
        ...


def open_optical(settings: Settings, key: ShardKey, made: Path) -> OpticalShard:
    """Open the Sentinel-2 images of one shard; the caller closes them.

    Args:
        settings: All settings.
        key: The shard.
        made: Folder in which the workflow writes simulated corpora.

    Raises:
        UserError: The corpus has no Sentinel-2, or a file is missing or damaged.
    """
    corpus = declared_corpus(settings, key.corpus)
    files = list_optical(settings, key.corpus, made).get(key.shard, ())
    reader = importlib.import_module(optical_module(corpus.source))
    shard: OpticalShard = reader.open_files(settings, corpus, files)
    return shard
