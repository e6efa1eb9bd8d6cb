"""From stored Sentinel-2 numbers to surface reflectance; the offset is said, never guessed.

Since processing baseline 04.00 (25 January 2022) L2A products hold 1000 more than the
reflectance x 10000, so that dark pixels stay above 0; 0 itself remains nodata (ESA,
Sentinel-2 Products Specification Document, BOA_ADD_OFFSET).
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.readers.base import FloatArray

_BASELINE = re.compile(r"_N(\d{2})(\d{2})_")
_UNKNOWN_BASELINE = "99"
_FIRST_WITH_OFFSET = 4
LARGEST_REFLECTANCE, LEAST_NUMBER = 10.0, 2.0


class Said(NamedTuple):
    """What a file says of its numbers by attributes or tags; none where it is silent."""

    scale: float | None = None
    """Numbers that make reflectance 1."""
    offset: float | None = None
    """What is added to a number before it is scaled."""


class Conversion(NamedTuple):
    """How stored numbers become reflectance: (number + offset) / scale."""

    scale: float
    offset: int
    source: str
    """Who says so."""


def linear(factor: float, constant: float) -> Said:
    """What tags say by value = number x factor + constant.

    A factor of 1 and a constant of 0 say nothing: that is what a file without tags reads as.
    """
    scale = None if factor in (0, 1) else 1 / factor
    return Said(scale, constant / factor if constant and factor else None)


def conversion(
    said: Said, names: Sequence[str], declared: int | None, scale: float, where: str
) -> Conversion:
    """How the numbers of an image become reflectance.

    What counts is, in this order: attributes or tags of the file, what the settings declare,
    and the processing baseline in the name of the product. A name tells how the product left
    ESA, and not whether somebody took the 1000 off since.

    Args:
        said: What the file says of itself.
        names: Texts that may hold the name of a product, such as `..._N0509_...`.
        declared: The setting `optical_offset`.
        scale: Numbers that make reflectance 1, where the file does not say.
        where: The file, for errors.

    Raises:
        UserError: Nobody says whether an offset is in the numbers, or attributes or tags of
            the file and the settings disagree.
    """
    scale = said.scale or scale
    if said.offset is not None:
        return Conversion(
            scale, _agreed(round(said.offset), declared, where), "the file's own offset"
        )
    named = _by_name(names)
    if declared is not None:
        against = f", against {named.source}" if named and named.offset != declared else ""
        return Conversion(scale, declared, f"the setting `optical_offset`{against}")
    if named is None:
        raise UserError(
            f"{where}: does not say whether the 1000 that Sentinel-2 adds since processing "
            "baseline 04.00 is in its numbers; set `optical_offset` of the corpus to -1000 if "
            "it is, to 0 if not."
        )
    return Conversion(scale, *named)


def _agreed(found: int, declared: int | None, where: str) -> int:
    if declared is not None and declared != found:
        raise UserError(
            f"{where}: its own offset says that {found} is to be added to its numbers, "
            f"`optical_offset` of the corpus says {declared}; correct it, or leave it out."
        )
    return found


class _Named(NamedTuple):
    """What the name of a product lets suppose."""

    offset: int
    source: str


def _by_name(names: Sequence[str]) -> _Named | None:
    for name in names:
        for major, minor in _BASELINE.findall(name):
            if major != _UNKNOWN_BASELINE:
                offset = -1000 if int(major) >= _FIRST_WITH_OFFSET else 0
                return _Named(offset, f"processing baseline {major}.{minor} in its name")
    return None


def to_reflectance(
    numbers: npt.NDArray[Any], how: Conversion, nodata: float | None = None
) -> FloatArray:
    """Reflectance of stored numbers, 0 and more; NaN where they are 0, nodata or not finite.

    Args:
        numbers: Any shape; 0 and `nodata` are no measurements.
        how: Offset and scale.
        nodata: What else means that nothing is known.
    """
    missing = numbers == 0
    if numbers.dtype.kind == "f":
        missing |= ~np.isfinite(numbers)
    if nodata is not None:
        missing |= numbers == nodata
    values = numbers.astype(np.float32)
    values += np.float32(how.offset)
    values *= np.float32(1 / how.scale)
    np.maximum(values, 0, out=values)
    np.copyto(values, np.nan, where=missing)
    return values


def check_units(values: FloatArray, units: str, where: str) -> None:
    """See that an image is in the units that are declared for it.

    Args:
        values: As stored, nodata as NaN.
        units: `dn` or `reflectance`.
        where: The file, for the error.

    Raises:
        UserError: It looks like the other.
    """
    if not np.isfinite(values).any():
        return
    # Zeros alone are nodata that no tag declares.
    if units == "dn" and 0 < np.nanmax(values) <= LEAST_NUMBER:
        raise UserError(
            f"{where}: its largest value is {np.nanmax(values):g}, so it looks like reflectance; "
            "set `optical.units` to `reflectance`."
        )
    if units == "reflectance" and np.nanmedian(values) > LARGEST_REFLECTANCE:
        raise UserError(
            f"{where}: its median is {np.nanmedian(values):g}, so it is no reflectance; set "
            "`optical.units` to `dn`."
        )
