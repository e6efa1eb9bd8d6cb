"""Labels that need no table: of what lies in the pixels, of the place and of the date."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from speckle2vec.errors import UserError
from speckle2vec.products.accepted import AcceptedSamples
from speckle2vec.products.catalogue import accepted, read_catalogue
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import LabelClass, open_labels
from speckle2vec.products.probes import Target
from speckle2vec.progress import LOGGER
from speckle2vec.settings.evaluate import SHARE, WATER_PRESENT, WATER_SHARE, share_label

LEAST_LABELLED = 0.5
"""Share of the pixels that must have a class, as for the majority."""
MUCH_WATER = 0.05
"""From this share of a sample's pixels on there is water (the question of Sen1Floods11)."""
SEASONS = ("Dec-Feb", "Mar-May", "Jun-Aug", "Sep-Nov")
"""Meteorological seasons of the north, by month // 3 with December as 0."""
WATER = re.compile(r"\bwaters?\b", re.IGNORECASE)
DRY = re.compile(r"\b(no|not|non)[\s_-]+waters?\b", re.IGNORECASE)
"""Names that say water and mean none, such as the `Not water` of flood masks."""
Texts = npt.NDArray[Any]
Chooser = Callable[[LabelClass, int], bool]


def from_pixels(label: str, parts: Mapping[ShardKey, Path], samples: AcceptedSamples) -> Target:
    """A share of the labelled pixels, or whether there is water; no raster is read.

    Args:
        label: `water-share`, `water-present`, or `share-` and the name of a class, such as
            `share-forest`.
        parts: The rasterised labels by shard.
        samples: Which samples count in each shard.

    Raises:
        UserError: No class is meant, or no sample has labels on half of its pixels.
    """
    chosen = _water if label in (WATER_SHARE, WATER_PRESENT) else (
        lambda one, _: share_label(one.name) == label
    )  # fmt: skip
    found = [_shares(label, key, path, chosen, samples) for key, path in parts.items()]
    ids, shares = (np.concatenate(columns) for columns in zip(*found, strict=True))
    told = np.isfinite(shares)
    LOGGER.info("%s: %d of %d samples have labels on half of their pixels",
                label, told.sum(), len(ids))  # fmt: skip
    if not told.any():
        raise UserError(
            f"{label}: none of the {len(ids)} samples has a class on at least half of its pixels; "
            "let `labels` name a source that covers them."
        )
    if label != WATER_PRESENT:
        return Target(label, "regression", ids[told], shares[told])
    words = np.where(shares[told] > MUCH_WATER, "water", "dry")
    return Target(label, "classification", ids[told], words)


def from_catalogue(label: str, catalogue: Path) -> Target:
    """The position of each accepted sample's centre, or the season of its first date.

    Args:
        label: `latitude` or `longitude` (degrees), or `season`, which has four classes.
        catalogue: The merged catalogue.

    Raises:
        UserError: No sample has a position, or a date.
    """
    column = "dates" if label == "season" else label
    rows = accepted(read_catalogue(catalogue, ["sample_id", column, "verdict"]))
    values = _seasons(rows["dates"]) if label == "season" else rows[column]
    told = pc.invert(pc.is_null(values, nan_is_null=True))
    ids, values = rows["sample_id"].filter(told), values.filter(told)
    if len(ids) == 0:
        raise UserError(
            f"{label}: none of the {len(rows)} accepted samples has a {column.rstrip('s')}; take "
            f"`{label}` out of `probes.labels`."
        )
    if len(ids) < len(rows):
        LOGGER.warning("%s: %d of %d samples have none and are left out.",
                       label, len(rows) - len(ids), len(rows))  # fmt: skip
    kind = "classification" if label == "season" else "regression"
    dtype = str if label == "season" else np.float64
    names = np.array(ids.to_pylist(), str)
    return Target(label, kind, names, np.array(values.to_pylist(), dtype))


def _water(one: LabelClass, level: int) -> bool:
    """Codes of water begin with 5 on every level of CORINE; elsewhere its name tells."""
    named = WATER.search(one.name) and not DRY.search(one.name)
    return bool(named) or (level > 0 and str(one.code).startswith("5"))


def _shares(
    label: str, key: ShardKey, path: Path, chosen: Chooser, samples: AcceptedSamples
) -> tuple[Texts, npt.NDArray[np.float64]]:
    """Ids that count in a shard, and the share of some classes; NaN where most pixels have none."""
    with open_labels(path, key) as shard:
        level = int(shard.attributes.get("level", 0))
        wanted = [one.index for one in shard.classes if chosen(one, level)]
        if not wanted:
            names = ", ".join(sorted(share_label(one.name) for one in shard.classes)[:50])
            raise UserError(
                f"`probes.labels` holds {label!r}, but the labels have no such class; with "
                f"{SHARE} there are {names}."
            )
        known = shard.counts[:, 1:].sum(axis=1)
        enough = (known > 0) & (known >= LEAST_LABELLED * shard.counts.sum(axis=1))
        shares = shard.counts[:, wanted].sum(axis=1) / np.maximum(known, 1)
        counting = samples.counting(key, shard.sample_ids)
        return np.array(shard.sample_ids, str)[counting], np.where(enough, shares, np.nan)[counting]


def _seasons(dates: pa.ChunkedArray) -> pa.Array:
    firsts = [one[0] if one else None for one in dates.to_pylist()]
    return pa.array([SEASONS[first.month % 12 // 3] if first else None for first in firsts],
                    pa.string())  # fmt: skip
