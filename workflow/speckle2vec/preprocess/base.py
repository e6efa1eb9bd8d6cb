"""What every feature set offers, and how one is found by its name."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from speckle2vec.choices import feature_module
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.base import OpticalShard, Sample
from speckle2vec.readers.shard_files import ShardFiles
from speckle2vec.settings.corpora import AnyCorpus
from speckle2vec.settings.root import Settings

FloatArray = npt.NDArray[np.float32]
Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Scene:
    """One sample of raw data, read when it is asked for."""

    sample: Sample
    corpus: AnyCorpus
    images: Callable[[], FloatArray]
    """Reads the backscatter in dB, (date, polarisation, y, x), nodata as NaN."""
    optical: OpticalShard | None = None
    """The shard's Sentinel-2 images, for feature sets that need them."""


@dataclass(frozen=True)
class Cube:
    """What is made of one sample."""

    values: npt.NDArray[Any]
    """(feature, y, x), in the type of the feature set."""
    dates: Sequence[np.datetime64]
    """Acquisition dates in the order of the features."""
    records: Mapping[str, Any] = field(default_factory=dict)
    """What else is recorded of the sample, by the names in `FeatureSet.records`."""


@dataclass(frozen=True)
class LeftOut:
    """Why no cube can be made of a sample that the catalogue accepts."""

    kind: str
    """What such samples have in common, after `7 of 8 samples `."""
    reason: str


class FeatureSet(Protocol):
    """Named features that are computed from the raw data of one sample."""

    @property
    def dtype(self) -> str:
        """Type of the cubes on disk."""
        ...

    @property
    def attributes(self) -> Mapping[str, Any]:
        """`features` (names), `units` (by name), `nodata` (rule) and `recipe` (settings)."""
        ...

    @property
    def records(self) -> Mapping[str, tuple[Any, tuple[int, ...]]]:
        """Type and shape of what is recorded of each sample beside its cube, by name."""
        ...

    def open_optical(
        self, settings: Settings, key: ShardKey, made: Path, files: ShardFiles | None = None
    ) -> OpticalShard | None:
        """The Sentinel-2 images of a shard, open for reading; none where they are not needed.

        Args:
            settings: All settings.
            key: The shard.
            made: Folder in which the workflow writes simulated corpora.
            files: The raw files of the shard; where they are not given, the corpus is listed.

        Raises:
            UserError: The corpus has no Sentinel-2, or a file is missing or damaged.
        """
        ...

    def shape_of(self, patches: Sequence[tuple[int, int]]) -> Shape:
        """Feature, y, x of every cube of a shard.

        Args:
            patches: Height and width of its samples, pixels.
        """
        ...

    def cube(self, scene: Scene, shape: Shape) -> Cube | LeftOut:
        """What is made of one sample.

        Args:
            scene: Its raw data.
            shape: Of the shard's cubes.

        Raises:
            UserError: The raw data are damaged, or are not what the catalogue says.
        """
        ...


def load_feature_set(features: str, settings: Settings) -> FeatureSet:
    """The feature set of a name, with its settings; only its own module is imported.

    Raises:
        UserError: There is no such feature set.
    """
    module = importlib.import_module(feature_module(features))
    feature_set: FeatureSet = module.from_settings(settings)
    return feature_set
