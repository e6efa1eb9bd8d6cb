"""Bars of the IoU of every class (paper, Figure 4)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from speckle2vec.landcover.table.drawing import (
    add_legend,
    colour_of,
    figures_of,
    learnt_of,
    lengths_of,
    tidy,
    value_of,
)
from speckle2vec.landcover.table.rows import SPLITS, Rows, is_baseline, named


def classes_figure(rows: Rows) -> Figure:
    """Bars of the IoU of every class: encoders across, feature sets and modes down."""
    most = max(float(str(row["share"])) for row in rows)
    split = rows[0]["split"]
    rows = [row for row in rows if float(str(row["share"])) == most and row["split"] == split]
    learnt = learnt_of(rows)
    down = sorted({(str(row["features"]), str(row["mode"])) for row in learnt}, reverse=True)
    across = list(dict.fromkeys(row["encoder"] for row in learnt))
    # A class may be called `low`: each has an interval beside.
    names = [name[4:] for name in rows[0] if name.startswith("iou_") and f"{name}_low" in rows[0]]
    bars = len({row["method"] for row in learnt}) + 1
    size = max(0.16 * bars * len(names) + 0.8, 3.4) * len(across) + 2, 2.9 * len(down) + 0.6
    figure = Figure(size, layout="constrained")
    grid = figure.subplots(len(down), len(across), sharey=True, squeeze=False)
    for (features, mode), line in zip(down, grid, strict=True):
        beside = [row for row in rows if row["features"] == features and row["mode"] == "fit"]
        for encoder, axes in zip(across, line, strict=True):
            own = [
                row
                for row in learnt
                if (row["features"], row["mode"], row["encoder"]) == (features, mode, encoder)
            ]
            best = max(beside, key=lambda row: value_of(row["weighted_iou"]), default=None)
            _bars(axes, own + ([best] if best else []), names)
            axes.set_title(f"{encoder}, {features}, {mode}", fontsize=9)
    for line in grid:
        line[0].set_ylabel("IoU, %")
    add_legend(figure, grid)
    figure.suptitle(f"IoU of each class, {most:g} % of labels, {SPLITS[str(split)]}", fontsize=10)
    return figure


def _bars(axes: Axes, rows: Rows, names: Sequence[str]) -> None:
    """One group of bars a class, one bar a method."""
    width = 0.84 / max(len(rows), 1)
    for number, row in enumerate(rows):
        found = np.array([figures_of(row, f"iou_{name}", f"iou_{name}_") for name in names])
        places = np.arange(len(names)) + (number - (len(rows) - 1) / 2) * width
        label = named(row) if is_baseline(row) else str(row["method"])
        axes.bar(
            places,
            found[:, 0],
            width,
            color=colour_of(row),
            label=label,
            hatch="///" if is_baseline(row) else None,
            edgecolor="white",
            linewidth=0.4,
        )
        axes.errorbar(places, found[:, 0], lengths_of(found), fmt="none", ecolor="#404040",
                      elinewidth=0.8, capsize=1.2)  # fmt: skip
    for place, name in enumerate(names):
        if all(np.isnan(value_of(row[f"iou_{name}"])) for row in rows):
            axes.text(place, 3, "not in the test", rotation=90, ha="center", va="bottom",
                      fontsize=8, color="#606060")  # fmt: skip
    axes.set_xticks(range(len(names)), names, rotation=25, ha="right", fontsize=8)
    axes.set_ylim(0, 100)
    tidy(axes, "y")
