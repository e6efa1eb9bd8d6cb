"""The same places cut from two archives: how far apart they lie, and how they differ.

The paper samples every patch from two platforms (section 3); this table says what that
changes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from skimage.registration import phase_cross_correlation

from speckle2vec.corpus.cutting.patch_grid import PIXEL_M
from speckle2vec.errors import UserError
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.whole import whole_file
from speckle2vec.readers.base import FloatArray, Sample
from speckle2vec.readers.listing import declared_corpus, list_shards
from speckle2vec.readers.optical import open_optical
from speckle2vec.readers.registry import open_shard
from speckle2vec.settings.corpora import StacCorpus
from speckle2vec.settings.corpus import OPTICAL_BANDS
from speckle2vec.settings.root import Settings

BANDS = {"VV": "dB", "VH": "dB", "B04": "reflectance", "B08": "reflectance"}
FINER = 50
"""Shifts are told to a 50th of a pixel."""
_SPREAD = 1.4826
_WHOLE = (slice(None), slice(None))
Found = tuple[Sample, int, dict[str, FloatArray]]


@dataclass
class _Differences:
    """What was found of one band, an entry an image."""

    shifts: list[tuple[float, float]] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    spreads: list[float] = field(default_factory=list)
    hours: list[float] = field(default_factory=list)


def compare_corpora(settings: Settings, corpora: tuple[str, str], made: Path, output: Path) -> None:
    """Write how the images of two corpora differ at the places they share, one row a band.

    Places are the same where their ids and grids agree; images are compared in the order of
    their dates. Shifts come from cross-correlation refined below a pixel (Guizar-Sicairos et
    al. 2008, doi:10.1364/OL.33.000156); differences are the second corpus minus the first.

    Args:
        settings: All settings.
        corpora: Names of two corpora that were cut from archives.
        made: Folder of the cut corpora.
        output: CSV with `band`, `unit`, `images`, `hours_apart` (median), `shift_east_m` and
            `shift_south_m` (medians), `shift_m_95` (95 % are nearer), `difference` (median
            over images of the median over pixels) and `spread` (median over images of the
            robust standard deviation over pixels).

    Raises:
        UserError: A corpus is not cut from archives, or the two share no image.
    """
    found = {band: _Differences() for band in BANDS}
    for one, other in _shared(settings, corpora, made):
        for band in one[2].keys() & other[2].keys():
            _add(found[band], band, one, other)
    rows = [_row(band, told) for band, told in found.items() if told.shifts]
    if not rows:
        raise UserError(
            f"The corpora {' and '.join(corpora)} share no image: cut both with the same `seed`, "
            "`sampling` and `size`."
        )
    with whole_file(output) as target:
        pd.DataFrame(rows).to_csv(target, index=False, float_format="%.5g", lineterminator="\n")


def _shared(
    settings: Settings, corpora: tuple[str, str], made: Path
) -> Iterator[tuple[Found, Found]]:
    for name in corpora:
        if not isinstance(declared_corpus(settings, name), StacCorpus):
            raise UserError(f"The corpus {name!r} is not cut from archives (`source: stac`).")
    shards = [list_shards(settings, name, made) for name in corpora]
    for shard in sorted(shards[0].keys() & shards[1].keys()):
        both = [_images(settings, ShardKey(name, shard), made) for name in corpora]
        yield from _matched(*both)


def _matched(one: Iterator[Found], other: Iterator[Found]) -> Iterator[tuple[Found, Found]]:
    """Merge two shards, whose samples are sorted by id: memory holds one image of each."""
    left, right = next(one, None), next(other, None)
    while left and right:
        keys = [(found[0].sample_id, found[1]) for found in (left, right)]
        if keys[0] == keys[1] and left[0].grid == right[0].grid:
            yield left, right
        left, right = (
            next(one, None) if keys[0] <= keys[1] else left,
            next(other, None) if keys[1] <= keys[0] else right,
        )


def _images(settings: Settings, key: ShardKey, made: Path) -> Iterator[Found]:
    corpus = declared_corpus(settings, key.corpus)
    assert isinstance(corpus, StacCorpus)
    with closing(open_shard(settings, key, made)) as shard:
        optical = open_optical(settings, key, made) if corpus.search.optical else None
        for sample in shard.samples:
            radar = shard.read(sample.row)
            for date in range(len(sample.dates)):
                bands = dict(zip(("VV", "VH"), radar[date], strict=True))
                if optical is not None:
                    values = optical.read(sample, date, _WHOLE).values
                    bands |= {n: v for n, v in zip(OPTICAL_BANDS, values, strict=True)
                              if n in BANDS}  # fmt: skip
                yield sample, date, bands
        if optical is not None:
            optical.close()


def _add(told: _Differences, band: str, one: Found, other: Found) -> None:
    first, second = one[2][band], other[2][band]
    known = np.isfinite(first) & np.isfinite(second)
    if not known.any():
        return
    south, east = _shift(first, second, known)
    differences = (second - first)[known]
    median = float(np.median(differences))
    told.shifts.append((east, south))
    told.medians.append(median)
    told.spreads.append(_SPREAD * float(np.median(np.abs(differences - median))))
    hours = (other[0].dates[one[1]] - one[0].dates[one[1]]) / np.timedelta64(1, "h")
    told.hours.append(abs(float(hours)))


def _shift(
    first: FloatArray, second: FloatArray, known: npt.NDArray[np.bool_]
) -> tuple[float, float]:
    """How far south and east what the first image shows lies in the second, metres.

    A window lets the edges fade: they are where the images do not show the same.
    """
    fading = np.outer(*(np.hanning(side) for side in known.shape))
    flat = [np.where(known, one - one[known].mean(), 0) * fading for one in (first, second)]
    correlate: Callable[..., Any] = phase_cross_correlation
    found = correlate(flat[0], flat[1], upsample_factor=FINER, normalization=None)[0]
    south, east = (-PIXEL_M * float(pixels) + 0.0 for pixels in found)
    return south, east


def _row(band: str, told: _Differences) -> Mapping[str, object]:
    shifts = np.array(told.shifts)
    return {
        "band": band, "unit": BANDS[band], "images": len(shifts),
        "hours_apart": np.median(told.hours), "shift_east_m": np.median(shifts[:, 0]),
        "shift_south_m": np.median(shifts[:, 1]),
        "shift_m_95": np.quantile(np.hypot(*shifts.T), 0.95),
        "difference": np.median(told.medians), "spread": np.median(told.spreads),
    }  # fmt: skip
