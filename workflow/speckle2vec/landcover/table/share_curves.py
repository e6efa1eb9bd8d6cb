"""Curves of the score against the share of the labels: what pretraining is for."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from speckle2vec.landcover.table.drawing import (
    MARKS,
    add_legend,
    colour_of,
    figures_of,
    grey_of,
    learnt_of,
    lengths_of,
    tidy,
)
from speckle2vec.landcover.table.rows import SPLITS, Row, Rows, is_baseline, named


def shares_figure(rows: Rows) -> Figure:
    """The weighted IoU against the share of the labels, one curve a method and mode."""
    learnt = learnt_of(rows)
    down = list(dict.fromkeys((row["features"], row["split"]) for row in rows))
    across = list(dict.fromkeys((row["encoder"], row["mode"]) for row in learnt))
    shares = sorted({float(str(row["share"])) for row in rows})
    size = 3.6 * len(across) + 2, 3.3 * len(down) + 0.6
    figure = Figure(size, layout="constrained")
    grid = figure.subplots(len(down), len(across), sharex=True, sharey=True, squeeze=False)
    for (features, split), panels in zip(down, grid, strict=True):
        own = [row for row in rows if (row["features"], row["split"]) == (features, split)]
        for (encoder, mode), axes in zip(across, panels, strict=True):
            _curves(axes, [row for row in own if is_baseline(row)
                           or (row["encoder"], row["mode"]) == (encoder, mode)])  # fmt: skip
            axes.set_title(f"{encoder}, {mode}\n{features}, {SPLITS[str(split)]}", fontsize=9)
            axes.set_xscale("log")
            axes.set_xlim(shares[0] / 1.35, shares[-1] * 1.35)
            axes.set_xticks(shares, [f"{share:g}" for share in shares])
            axes.set_xticks([], minor=True)
            tidy(axes, "y")
        panels[0].set_ylabel("weighted IoU, %")
    for axes in grid[-1]:
        axes.set_xlabel("share of the labelled training samples, %")
    add_legend(figure, grid)
    return figure


def _curves(axes: Axes, rows: Rows) -> None:
    curves: dict[str, list[Row]] = {}
    for row in rows:
        label = named(row) if is_baseline(row) else str(row["method"])
        curves.setdefault(label, []).append(row)
    for number, (label, own) in enumerate(curves.items()):
        found = np.array([figures_of(row, "weighted_iou", "") for row in own])
        beside = 1.025 ** (number - (len(curves) - 1) / 2)  # intervals do not cover each other
        places = np.array([float(str(row["share"])) for row in own]) * beside
        order, grey = np.argsort(places), is_baseline(own[0])
        axes.errorbar(places[order], found[order, 0], lengths_of(found[order]), label=label,
                      color=grey_of(own[0]) if grey else colour_of(own[0]),
                      linestyle=":" if grey else "-",
                      marker=MARKS[str(own[0]["mode"])], markersize=4, elinewidth=1,
                      linewidth=1.1 if grey else 1.6, zorder=1 if grey else 2)  # fmt: skip
