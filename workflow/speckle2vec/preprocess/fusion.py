"""The feature set `fusion`: Sentinel-2 and Sentinel-1 of one pair of dates (paper, section 3.1).

Twelve bands of Sentinel-2 L2A and VV, VH, on the native grid of Sentinel-1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from speckle2vec.preprocess.base import Cube, FloatArray, LeftOut, Scene, Shape
from speckle2vec.preprocess.filters import fill_nodata
from speckle2vec.preprocess.pairs import Pair, pairs_by_delay
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.patches import kept, reflect
from speckle2vec.readers.base import POLARISATIONS, OpticalImage, OpticalShard, PairError
from speckle2vec.readers.optical import open_optical
from speckle2vec.readers.shard_files import ShardFiles
from speckle2vec.settings.corpus import OPTICAL_BANDS
from speckle2vec.settings.geotiff import GeotiffCorpus
from speckle2vec.settings.root import Settings
from speckle2vec.settings.stages import Fusion

FEATURES = (*OPTICAL_BANDS, *POLARISATIONS)
UNITS = {**dict.fromkeys(OPTICAL_BANDS, "reflectance"), **dict.fromkeys(POLARISATIONS, "dB")}
NODATA = "median of the finite pixels of the same band"


def from_settings(settings: Settings) -> "FusionFeatures":
    """The feature set with the settings of a run."""
    return FusionFeatures(settings.preprocess.fusion)


@dataclass(frozen=True)
class FusionFeatures:
    """Native patches of both satellites with given settings."""

    settings: Fusion

    dtype: ClassVar[str] = "float16"
    records: ClassVar[Mapping[str, tuple[Any, tuple[int, ...]]]] = {
        "delay_days": (np.float64, ()),
        "native": (np.int32, (2,)),
        "optical_offset": (np.int32, ()),
        "optical_offset_source": (np.dtypes.StringDType(), ()),
    }

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Names, units, nodata rule and settings.

        Which pairs are admitted, and how large patches are, does not change what a number
        means: the settings are no part of the recipe that an encoder insists on.
        """
        return {
            "features": list(FEATURES),
            "units": UNITS,
            "nodata": NODATA,
            "recipe": {"feature_set": "fusion"},
            "settings": self.settings.model_dump(mode="json"),
        }

    def open_optical(
        self, settings: Settings, key: ShardKey, made: Path, files: ShardFiles | None = None
    ) -> OpticalShard:
        """The Sentinel-2 images of a shard, open for reading."""
        return open_optical(settings, key, made, files)

    def shape_of(self, patches: Sequence[tuple[int, int]]) -> Shape:
        """Feature, y, x of every cube: as large as the largest patch, within the settings."""
        height, width = (
            min(max(sides, default=0), self.settings.largest)
            for sides in (zip(*patches, strict=True) if patches else ((), ()))
        )
        least = self.settings.smallest
        return len(FEATURES), max(height, least), max(width, least)

    def cube(self, scene: Scene, shape: Shape) -> Cube | LeftOut:
        """The closest pair of dates whose images can be used.

        Raises:
            UserError: A file is damaged, or does not say whether it holds an offset.
        """
        assert scene.optical is not None
        try:
            dates = scene.optical.dates(scene.sample)
        except PairError as error:
            return LeftOut("have no Sentinel-2 image", str(error))
        pairs = pairs_by_delay(scene.sample.dates, dates)
        admitted = [pair for pair in pairs if self._admits(pair, scene)]
        if not admitted:
            kind = f"have no pair within {self.settings.days:g} days"
            return LeftOut(kind, _nearest(pairs, dates, self.settings.days))
        return self._first_usable(admitted, dates, scene, scene.optical, shape)

    def _admits(self, pair: Pair, scene: Scene) -> bool:
        if np.isnan(pair.delay):
            optical = scene.corpus.optical if isinstance(scene.corpus, GeotiffCorpus) else None
            return optical is not None and optical.undated
        return abs(pair.delay) <= self.settings.days

    def _first_usable(
        self,
        pairs: Sequence[Pair],
        dates: Sequence[np.datetime64],
        scene: Scene,
        optical: OpticalShard,
        shape: Shape,
    ) -> Cube | LeftOut:
        radar, refusals = scene.images(), list[str]()
        native = radar.shape[-2:]
        window = kept(native[0], shape[1]), kept(native[1], shape[2])
        for pair in pairs:
            try:
                image = optical.read(scene.sample, pair.optical, window)
                bands = np.concatenate([image.values, radar[pair.radar][:, window[0], window[1]]])
                _check_gaps(bands, scene.corpus.minimum_valid)
            except PairError as error:
                refusals.append(str(error))
                continue
            taken = dates[pair.optical], scene.sample.dates[pair.radar]
            return Cube(_patch(bands, shape), taken, _records(pair, native, image))
        return LeftOut("have a pair whose images cannot be used", "; ".join(refusals))


def _check_gaps(bands: FloatArray, minimum_valid: float) -> None:
    shares = np.isfinite(bands).mean(axis=(1, 2))
    worst = int(shares.argmin())
    if shares[worst] < minimum_valid or shares[worst] == 0:
        raise PairError(
            f"{FEATURES[worst]} has {shares[worst]:.1%} usable pixels, less than "
            f"`minimum_valid` ({minimum_valid:.1%})"
        )


def _patch(bands: FloatArray, shape: Shape) -> "np.ndarray[Any, np.dtype[np.float16]]":
    """The cube (14, y, x) of finite pixels, in half precision."""
    filled = np.stack([fill_nodata(band) for band in bands]).astype(np.float16)
    return reflect(filled, shape[1], shape[2])


def _records(pair: Pair, native: Sequence[int], image: OpticalImage) -> dict[str, Any]:
    return {
        "delay_days": pair.delay,
        "native": native,
        "optical_offset": image.offset,
        "optical_offset_source": image.source,
    }


def _nearest(pairs: Sequence[Pair], dates: Sequence[np.datetime64], days: float) -> str:
    """Why no pair is close enough, for a person."""
    if not pairs or np.isnan(pairs[0].delay):
        return "a date of Sentinel-1 or Sentinel-2 is not known, so they cannot be paired"
    date = str(dates[pairs[0].optical].astype("datetime64[D]"))
    return (
        f"the nearest Sentinel-2 image, of {date}, is {abs(pairs[0].delay):.1f} days away, more "
        f"than `preprocess.fusion.days` ({days:g})"
    )
