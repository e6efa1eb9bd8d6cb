"""The stage: pictures of the table of runs on labels (paper, Figures 3 and 4)."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from speckle2vec.errors import UserError
from speckle2vec.landcover.table.class_bars import classes_figure
from speckle2vec.landcover.table.drawing import (
    BASELINE,
    MARKS,
    colour_of,
    figures_of,
    lengths_of,
    save,
    tidy,
    value_of,
)
from speckle2vec.landcover.table.rows import (
    SPLITS,
    Row,
    Rows,
    final_rows,
    is_baseline,
    named,
    place_of,
)
from speckle2vec.landcover.table.share_curves import shares_figure


def draw_figures(table: Path, classes: Path, overview: Path, shares: Path) -> None:
    """Draw the pictures of a table; of several seeds their mean.

    Args:
        table: `results/landcover/table.csv`.
        classes: Bars of the IoU of every class, on the largest share of the labels.
        overview: The weighted IoU of every run with its interval.
        shares: The weighted IoU against the share of the labels; dots where there is one share.

    Raises:
        UserError: The table is missing or none of this stage.
    """
    rows = final_rows(_read(table))
    for path, figure in (
        (classes, classes_figure(rows)),
        (overview, overview_figure(rows)),
        (shares, shares_figure(rows)),
    ):
        save(figure, path)


def overview_figure(rows: Rows) -> Figure:
    """A dot with its interval for every run: shares and splits across, feature sets down."""
    rows = _by_encoder(rows)
    down = list(dict.fromkeys(row["features"] for row in rows))
    across = list(dict.fromkeys(place_of(row)[1:] for row in rows))
    lines: dict[object, list[str]] = {
        features: list(dict.fromkeys(_line(row) for row in rows if row["features"] == features))
        for features in down
    }
    heights = [len(lines[features]) + 2.0 for features in down]
    figure = Figure((2.4 + 2.7 * len(across), 0.24 * sum(heights) + 1.2), layout="constrained")
    grid = figure.subplots(
        len(down), len(across), sharex=True, sharey="row", squeeze=False,
        height_ratios=heights,
    )  # fmt: skip
    for features, panels in zip(down, grid, strict=True):
        for (share, split), axes in zip(across, panels, strict=True):
            own = [row for row in rows if place_of(row) == (features, share, split)]
            _dots(axes, own, lines[features])
            axes.set_title(f"{features}\n{share} % of labels, {SPLITS[split]}", fontsize=9)
        panels[0].set_yticks(range(len(lines[features])), lines[features], fontsize=8)
        panels[0].invert_yaxis()
    for axes in grid[-1]:
        axes.set_xlabel("weighted IoU, %")
    title = (
        "Class-weighted mean IoU with its interval\ndotted: the best classifier of single pixels"
    )
    figure.suptitle(title, fontsize=10)
    return figure


def _dots(axes: Axes, rows: Rows, lines: Sequence[str]) -> None:
    for row in rows:
        found = np.array([figures_of(row, "weighted_iou", "")])
        axes.errorbar(found[:, 0], [lines.index(_line(row))], xerr=lengths_of(found),
                      fmt=MARKS[str(row["mode"])], color=colour_of(row), markersize=4.5,
                      elinewidth=1.4)  # fmt: skip
    best = max(
        (value_of(row["weighted_iou"]) for row in rows if row["mode"] == "fit"), default=None
    )
    if best is not None:
        axes.axvline(best, color=BASELINE, linestyle=":", linewidth=1.2, zorder=0)
    tidy(axes, "x")


def _by_encoder(rows: Rows) -> Rows:
    """Methods of one encoder under each other, and what stands beside at the end."""
    modes, encoders = (list(dict.fromkeys(row[name] for row in rows))
                       for name in ("mode", "encoder"))  # fmt: skip
    return sorted(rows, key=lambda row: (
        is_baseline(row), modes.index(row["mode"]), encoders.index(row["encoder"])
    ))  # fmt: skip


def _line(row: Row) -> str:
    if is_baseline(row):
        return named(row)
    return f"{row['method']}, {row['encoder']}, {row['mode']}"


def _read(path: Path) -> list[Mapping[str, object]]:
    try:
        with path.open(newline="") as file:
            rows: list[Mapping[str, object]] = list(csv.DictReader(file))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); make the table.") from error
    if not rows or "weighted_iou" not in rows[0]:
        raise UserError(f"{path}: is no table of land cover; remove it and make it anew.")
    return rows
