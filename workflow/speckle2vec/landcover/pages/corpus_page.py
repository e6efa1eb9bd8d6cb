"""The stage that draws samples of the corpus: S2, S1 and labels side by side (paper, Figure 2)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speckle2vec.errors import UserError
from speckle2vec.landcover.pages.examples import View, candidates, places, spread, views
from speckle2vec.landcover.pages.patch_drawing import (
    OPTICAL_TOLD,
    RADAR_TOLD,
    add_legend,
    class_patches,
    coloured,
    page,
    show,
    show_optical,
    write_page,
)
from speckle2vec.products.keys import ShardKey
from speckle2vec.products.labels import LabelClass
from speckle2vec.settings.root import Settings

ENOUGH = 0.25
"""Of a class in the sample that shows it."""
OPTICAL, RADAR, LABELS = "Sentinel-2", "Sentinel-1", "labels"


def draw_corpus(
    settings: Settings,
    keys: Sequence[ShardKey],
    cubes: Path,
    labels: Path,
    catalogue: Path,
    output: Path,
) -> None:
    """Draw a handful of samples, one for each class that shows it beside others.

    Sentinel-2 in true colour, where the cubes hold it, Sentinel-1 as a composite and the
    labels, with the place, its position and the dates.

    Args:
        settings: All settings; the seed and the default model count.
        keys: All shards.
        cubes: Folder of the cubes of the default feature set.
        labels: Folder of the labels.
        catalogue: Folder of the catalogue's parts.
        output: The picture, PNG.

    Raises:
        UserError: A file is missing or damaged, or no sample has a label and a cube.
    """
    classes, found = candidates(keys, cubes, labels)
    if not found:
        raise UserError(
            f"No sample has a label and a cube in {cubes}; give labels of the same region by "
            "`labels.path`, or samples of theirs."
        )
    picked = spread(found, ENOUGH, 0, settings.seed, "corpus")
    seen = [view for view, _, _ in views(picked, cubes, labels)]
    _draw(seen, places(picked, catalogue), classes, output)


def caption(view: View, place: Mapping[str, Any]) -> str:
    """Place, position and dates of a sample, for a person."""
    latitude, longitude = place["latitude"], place["longitude"]
    lines = [str(place["place"])]
    if latitude is not None and longitude is not None:
        lines.append(f"{_degrees(latitude, 'NS')}, {_degrees(longitude, 'EW')}")
    return "\n".join([*lines, *_dates(view)])


def _degrees(value: float, signs: str) -> str:
    return f"{abs(value):.2f}° {signs[value < 0]}"


def _dates(view: View) -> list[str]:
    days = [str(date.astype("datetime64[D]")) for date in view.dates]
    if view.optical is not None and len(days) == 2:
        return [f"S2 {days[0]}", f"S1 {days[1]}"]
    if len(days) > 2:
        return [f"{len(days)} dates of S1,", f"{min(days)} to", f"{max(days)}"]
    return [f"S1 {day}" for day in days]


def _draw(
    seen: Sequence[View],
    rows: Mapping[str, Mapping[str, Any]],
    classes: Sequence[LabelClass],
    output: Path,
) -> None:
    optical = any(view.optical is not None for view in seen)
    names = (OPTICAL, RADAR, LABELS) if optical else (RADAR, LABELS)
    figure, axes = page(len(seen), len(names), "Samples of the corpus", 1.3)
    for row, view in zip(axes, seen, strict=True):
        _draw_row(row, view, classes)
        told = caption(view, rows[view.candidate.sample_id])
        row[0].set_ylabel(told, fontsize=8, rotation=0, ha="right", va="center", linespacing=1.4)
    for column, name in zip(axes[0], names, strict=True):
        column.set_title(name, fontsize=10)
    shown = np.concatenate([view.truth.ravel() for view in seen])
    told = f"{OPTICAL_TOLD}; {RADAR_TOLD}" if optical else RADAR_TOLD
    add_legend(figure, class_patches(classes, shown), told)
    write_page(figure, output)


def _draw_row(row: npt.NDArray[np.object_], view: View, classes: Sequence[LabelClass]) -> None:
    if view.optical is not None:
        show_optical(row[0], view.optical)
    show(row[-2], view.radar)
    show(row[-1], coloured(view.truth, classes))
