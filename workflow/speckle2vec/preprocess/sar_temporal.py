"""The feature set `sar-temporal`: the report's 12 features from the dates of a sample.

Four images a date (VV and VH denoised, CLAHE of VV, Sobel magnitude), and of each the
mean, the standard deviation and last minus first over the dates (report, section 3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.preprocess.base import Cube, Scene, Shape
from speckle2vec.preprocess.bilateral import bilateral
from speckle2vec.preprocess.filters import edges, equalise, fill_nodata
from speckle2vec.preprocess.resizing import resize
from speckle2vec.preprocess.temporal import season_order, temporal_features
from speckle2vec.products.keys import ShardKey
from speckle2vec.readers.base import POLARISATIONS
from speckle2vec.readers.shard_files import ShardFiles
from speckle2vec.settings.root import Settings
from speckle2vec.settings.stages import SarTemporal

FloatArray = npt.NDArray[np.float32]

IMAGES = ("vv", "vh", "clahe", "sobel")
SUMMARIES = ("mean", "std", "difference")
FEATURES = tuple(f"{image}_{summary}" for summary, image in product(SUMMARIES, IMAGES))
"""`vv_mean, vh_mean, clahe_mean, sobel_mean, vv_std, …, sobel_difference`."""
NODATA = "median of the finite pixels of the same date and polarisation, before filtering"


def from_settings(settings: Settings) -> "SarTemporalFeatures":
    """The feature set with the settings of a run."""
    return SarTemporalFeatures(settings.preprocess.sar_temporal)


@dataclass(frozen=True)
class SarTemporalFeatures:
    """The report's features with given settings."""

    settings: SarTemporal

    dtype: ClassVar[str] = "float32"
    records: ClassVar[Mapping[str, tuple[Any, tuple[int, ...]]]] = {}

    @property
    def shape(self) -> Shape:
        """Feature, y, x of one cube."""
        return len(FEATURES), self.settings.size, self.settings.size

    def open_optical(
        self, settings: Settings, key: ShardKey, made: Path, files: ShardFiles | None = None
    ) -> None:
        """Sentinel-2 is not needed."""

    def shape_of(self, patches: Sequence[tuple[int, int]]) -> Shape:  # noqa: ARG002
        """Feature, y, x of one cube, whatever the patches."""
        return self.shape

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Names, units, nodata rule and settings."""
        edge_unit = "grey level" if self.settings.sobel_source == "clahe" else "dB"
        units = {"vv": "dB", "vh": "dB", "clahe": "grey level", "sobel": f"{edge_unit} / 8 pixels"}
        return {
            "features": list(FEATURES),
            "units": {name: units[name.split("_")[0]] for name in FEATURES},
            "nodata": NODATA,
            "recipe": {"feature_set": "sar-temporal", **self.settings.model_dump(mode="json")},
        }

    def cube(self, scene: Scene, shape: Shape) -> Cube:  # noqa: ARG002
        """The cube of one sample, and its dates in the order the features take them."""
        dates, images = scene.sample.dates, scene.images()
        values = self.compute(images, dates)
        return Cube(values, [dates[position] for position in self._order(dates)])

    def compute(self, images: FloatArray, dates: Sequence[np.datetime64]) -> FloatArray:
        """The cube of one sample, (12, size, size), from (date, VV and VH, y, x) in dB.

        Raises:
            UserError: An image has no finite pixel, or the season of a date is not known.
        """
        filled = [_filled(images, position) for position in self._order(dates)]
        series = [self._images(vv, *self.denoise(vv, vh)) for vv, vh in filled]
        maps = np.empty((len(SUMMARIES), len(IMAGES), *images.shape[-2:]), np.float32)
        for index, over_dates in enumerate(zip(*series, strict=True)):
            temporal_features(over_dates, out=maps[:, index])
        return resize(maps.reshape(len(FEATURES), *images.shape[-2:]), self.settings.size)

    def denoise(self, vv: FloatArray, vh: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The speckle filter on both images (y, x) of one date, in dB."""
        kernel, for_levels = self.settings.bilateral, self.settings.clahe_source == "denoised"
        return bilateral(vv, kernel, for_levels), bilateral(vh, kernel)

    def _order(self, dates: Sequence[np.datetime64]) -> Sequence[int]:
        if self.settings.order == "date":
            return range(len(dates))
        if np.isnat(np.array(dates)).any():
            raise UserError(
                "The dates are not known, so they have no season; set "
                "`preprocess.sar_temporal.order` to `date`."
            )
        return season_order(dates)

    def _images(
        self, raw: FloatArray, vv: FloatArray, vh: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """The four images of one date, from the raw VV and both denoised images."""
        chosen = self.settings
        source = raw if chosen.clahe_source == "raw" else vv
        clahe = equalise(source, chosen.clahe_clip_limit, chosen.clahe_tiles)
        sobel = edges(clahe if chosen.sobel_source == "clahe" else vv)
        return vv, vh, clahe.astype(np.float32), sobel


def _filled(images: FloatArray, date: int) -> list[FloatArray]:
    """VV and VH of one date without nodata."""
    filled = [fill_nodata(image) for image in images[date]]
    for name, image in zip(POLARISATIONS, filled, strict=True):
        if np.isnan(image[0, 0]):
            raise UserError(
                f"{name} of date {date + 1} has no finite pixel; ingest refuses such a sample, "
                "so the raw data changed since: remove the shard's part of results/catalogue "
                "and run the same command again."
            )
    return filled
