"""What every feature set offers, and how one is found by its name."""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from speckle2vec.choices import feature_module
from speckle2vec.settings.root import Settings

FloatArray = npt.NDArray[np.float32]


class FeatureSet(Protocol):
    """Named features that are computed from the backscatter of one sample."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Feature, y, x of one cube."""
        ...

    @property
    def attributes(self) -> Mapping[str, Any]:
        """`features` (names), `units` (by name), `nodata` (rule) and `recipe` (settings)."""
        ...

    def compute(self, images: FloatArray, dates: Sequence[np.datetime64]) -> FloatArray:
        """The cube of one sample.

        Args:
            images: Backscatter in dB, (date, polarisation, y, x), nodata as NaN.
            dates: Acquisition dates, one a date of `images`.

        Raises:
            UserError: The sample cannot be used.
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
