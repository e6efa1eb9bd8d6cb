"""From stored values to decibels, with a guard against the wrong unit."""

from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.readers.base import POLARISATIONS, FloatArray
from speckle2vec.settings.corpus import Units

LARGEST_DB = 100.0
_MENDS = {
    "db": "it looks like linear power; set `units: linear`, or convert the file to dB",
    "linear": "it looks like dB; set `units: db`",
}


class UnitsError(UserError):
    """The values of one sample are not in the declared units."""


def image_in_decibels(values: npt.NDArray[Any], units: Units, where: str) -> FloatArray:
    """Backscatter of one image in dB; what is no finite dB value becomes NaN.

    Linear power is converted by 10 log10 after zero and less are masked. Beyond +-100 dB
    lie only fill values that nobody declared, such as -9999 or -32768.

    Args:
        values: (y, x), in the declared units; declared nodata is NaN already.
        units: `db` or `linear`.
        where: The file, and what in it, for the error.

    Raises:
        UnitsError: Every value is 0 or more where dB is declared, or most are negative
            where linear power is.
    """
    image = np.asarray(values, dtype=np.float32)
    usable = np.isfinite(image) & (np.abs(image) <= LARGEST_DB if units == "db" else True)
    image = np.where(usable, image, np.float32(np.nan))
    _check(image[usable], units, where)
    if units == "linear":
        with np.errstate(invalid="ignore", divide="ignore"):
            image = 10 * np.log10(np.where(image > 0, image, np.float32(np.nan)))
        image[np.abs(image) > LARGEST_DB] = np.nan
    return image


def sample_in_decibels(values: FloatArray, where: str) -> FloatArray:
    """A sample (date, polarisation, y, x) stored in dB, each image checked and masked.

    Raises:
        UnitsError: An image looks linear.
    """
    images = [
        image_in_decibels(image, "db", f"{where}, {name} of date {number}")
        for number, date in enumerate(values, start=1)
        for name, image in zip(POLARISATIONS, date, strict=True)
    ]
    return np.stack(images).reshape(values.shape)


def _check(values: FloatArray, units: Units, where: str) -> None:
    if values.size == 0 or values.min() == values.max():
        return
    if units == "db":
        wrong = bool(values.min() >= 0)
        found = f"no value of {values.size} is below 0"
    else:
        share = float(np.mean((values < 0) & (values >= -LARGEST_DB)))
        wrong = share > 0.5
        found = f"{share:.0%} of the values are below 0"
    if wrong:
        raise UnitsError(f"{where}: {found} though `units` is {units}; {_MENDS[units]}.")
