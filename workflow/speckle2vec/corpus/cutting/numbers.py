"""From the numbers of an archive to those of a shard."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.corpus.providers import Collection
from speckle2vec.corpus.troubles import UnusableError
from speckle2vec.errors import UserError
from speckle2vec.readers.units import UnitsError, image_in_decibels
from speckle2vec.settings.corpora import StacCorpus
from speckle2vec.settings.corpus import Units

Numbers = npt.NDArray[Any]
LARGEST = np.iinfo(np.int16).max
CLOUD_CLASSES = "0 clear, 1 thick cloud, 2 thin cloud, 3 cloud shadow, 255 no data"
NO_DATA = 255
_SHADOW, _MEDIUM, _HIGH, _CIRRUS = 3, 8, 9, 10


def decibels(values: Numbers, collection: Collection, where: str) -> npt.NDArray[np.float16]:
    """Backscatter in dB; NaN where nothing is known, which is masked before the logarithm.

    Args:
        values: (y, x), as the archive stores them, on the grid of the patch.
        collection: Says whether they are linear power or dB, and what stands for nothing.
        where: The image, for the reason.

    Raises:
        UnusableError: They are not in these units.
    """
    image = np.where(values == collection.nodata, np.float32(np.nan), values.astype(np.float32))
    try:
        units: Units = "db" if collection.units == "db" else "linear"
        return image_in_decibels(image, units, where).astype(np.float16)
    except UnitsError as error:
        raise UnusableError(str(error)) from None


def reflectance(values: Numbers, offset: int) -> npt.NDArray[np.int16]:
    """Surface reflectance x 10000 without an offset; 0 where nothing is known.

    What was dark enough to fall to 0 and below becomes 1, so that it stays a measurement.

    Args:
        values: (y, x) numbers of the archive, 0 where nothing is known.
        offset: What is to be added to them: -1000 since processing baseline 04.00.
    """
    shifted = np.clip(values.astype(np.int32) + offset, 1, LARGEST)
    return np.where(values == 0, 0, shifted).astype(np.int16)


def cloud_mask(scene: Numbers | None, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
    """Clouds of the scene classification of Level-2A, in the classes of the simulated shards.

    Medium and high probability are thick cloud, cirrus is thin, as CloudSEN12 maps them
    (Aybar et al. 2022, doi:10.1038/s41597-022-01878-2).

    Args:
        scene: (y, x) classes of SCL; none where the archive has no such asset.
        shape: Of the patch.
    """
    if scene is None:
        return np.full(shape, NO_DATA, np.uint8)
    classes = np.zeros(256, np.uint8)
    classes[[_MEDIUM, _HIGH]], classes[_CIRRUS], classes[_SHADOW], classes[0] = 1, 2, 3, NO_DATA
    return np.asarray(classes[scene])


def offset_of(row: Mapping[str, Any], corpus: StacCorpus) -> int:
    """What is to be added to the numbers of a Sentinel-2 image: 0 or -1000.

    Args:
        row: The image's row of the candidates.
        corpus: Its `optical_offset` counts where the item does not say.

    Raises:
        UserError: Nobody says, or the two disagree.
    """
    found, declared = row["offset"], corpus.optical_offset
    if found is None and declared is None:
        raise UserError(
            f"{row['item']}: does not say whether the 1000 that Sentinel-2 adds since processing "
            "baseline 04.00 is in its numbers. Set `provider.sentinel_2.harmonised` of the corpus "
            "to false where the archive keeps it, to true where it has taken it off; where that "
            "does not help, since no baseline is told, set `optical_offset` to -1000 if the "
            "numbers hold it, to 0 if not."
        )
    if found is not None and declared is not None and found != declared:
        raise UserError(
            f"{row['item']}: its offset is {found}, `optical_offset` of the corpus says "
            f"{declared}; correct it, or leave it out, and set `provider.sentinel_2.harmonised` "
            "where other images then do not say theirs."
        )
    return int(found) if declared is None else declared
