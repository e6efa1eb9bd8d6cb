"""Whether a sample can be used, and if not, why: one sentence a person can act on."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from speckle2vec.readers.base import POLARISATIONS, FloatArray, Sample
from speckle2vec.settings.corpora import AnyCorpus

_PLAIN = re.compile(r"[\w.+:~,/ -]+")
_MEND = "`date_order: any` admits it"


class Verdict(NamedTuple):
    """An empty reason accepts the sample."""

    reason: str
    valid: float | None = None
    """Least share of finite pixels over dates and polarisations; none if unread."""


def before_pixels(sample: Sample, corpus: AnyCorpus) -> str:
    """Why a sample cannot be used, as far as that shows without its pixels."""
    if sample.problem:
        return sample.problem
    if not _PLAIN.fullmatch(sample.sample_id):
        return (
            "its id is no plain text: letters, digits, blanks and . _ - + : ~ , / are, what a "
            "spreadsheet may take for a formula is not; rename it, or correct `pattern`"
        )
    if sample.grid is None:
        return "is not georeferenced: its coordinate reference system or position is missing"
    if len(sample.dates) != corpus.dates:
        return f"has {_count(len(sample.dates))} where {corpus.dates} are declared"
    if corpus.date_order == "ascending":
        return _order(sample.dates)
    return ""


def of_pixels(sample: Sample, pixels: FloatArray, corpus: AnyCorpus) -> Verdict:
    """The verdict on the pixels of a sample.

    Args:
        sample: What is known of it.
        pixels: (date, polarisation, y, x) in dB, NaN where nothing is known.
        corpus: Declares the dates a sample and the least share of finite pixels.
    """
    height, width = (0, 0) if sample.grid is None else sample.grid.shape
    expected = (corpus.dates, len(POLARISATIONS), height, width)
    if pixels.shape != expected:
        return Verdict(f"has the shape {pixels.shape}, not {expected} (date, band, y, x)")
    if not pixels.size:
        return Verdict("has no pixel at all")
    flat = pixels.reshape(*expected[:2], -1)
    shares = np.isfinite(flat).mean(axis=2)
    valid = float(shares.min(initial=1.0))
    reason = _nothing(sample, shares) or _constant(sample, flat) or _gaps(sample, shares, corpus)
    return Verdict(reason, valid)


def _order(dates: Sequence[np.datetime64]) -> str:
    if len(dates) < 2:
        return ""
    unknown = sum(bool(np.isnat(date)) for date in dates)
    if unknown:
        return f"has {_count(unknown)} unknown, so their order cannot be checked; {_MEND}"
    for earlier, later in pairwise(dates):
        if not earlier < later:
            return f"its dates do not ascend: {_day(later)} follows {_day(earlier)}; {_MEND}"
    return ""


def _nothing(sample: Sample, shares: npt.NDArray[np.float64]) -> str:
    where = np.argwhere(shares == 0)
    return f"{_image(sample, where[0])} has no finite pixel" if len(where) else ""


def _constant(sample: Sample, flat: FloatArray) -> str:
    low, high = np.nanmin(flat, axis=2), np.nanmax(flat, axis=2)
    where = np.argwhere(low == high)
    if not len(where):
        return ""
    date, band = where[0]
    return f"{_image(sample, where[0])} is constant ({low[date, band]:g} dB)"


def _gaps(sample: Sample, shares: npt.NDArray[np.float64], corpus: AnyCorpus) -> str:
    if shares.min() >= corpus.minimum_valid:
        return ""
    worst = np.unravel_index(shares.argmin(), shares.shape)
    return (
        f"{_image(sample, worst)} has {shares[worst]:.1%} finite pixels, less than "
        f"`minimum_valid` ({corpus.minimum_valid:.1%})"
    )


def _image(sample: Sample, where: Sequence[np.intp] | npt.NDArray[np.intp]) -> str:
    date, band = (int(index) for index in where)
    return f"{POLARISATIONS[band]} of {_day(sample.dates[date], f'date {date + 1}')}"


def _day(date: np.datetime64, otherwise: str = "an unknown date") -> str:
    return otherwise if np.isnat(date) else str(date.astype("datetime64[D]"))


def _count(number: int) -> str:
    return f"{number} date" if number == 1 else f"{number} dates"
