"""A picture of precision against recall: one panel a class and feature set."""

import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from speckle2vec.evaluate.places.precision import Curve
from speckle2vec.products.whole import whole_file

PANEL_INCHES = (8.4, 4.4)
DOTS_PER_INCH = 120
COLOURS = {
    "simclr": "#0072b2", "vae": "#e69f00", "tile2vec": "#009e73", "csf": "#d55e00",
    "mae": "#cc79a7", "none": "#7f7f7f",
}  # fmt: skip
STYLES = ("-", "-.", (0, (5, 1)), ":")
"""Of encoders, in their order."""
BASELINES = {"pixel-statistics": "#000000", "random-convolutions": "#555555", "pca": "#999999"}


def draw_curves(curves: Sequence[Curve], path: Path) -> None:
    """Draw every curve as steps, with its average precision and the interval of that.

    What is tuned is drawn thick, what learns nothing dashed; equal curves are equal bytes.

    Args:
        curves: Of all classifiers and classes.
        path: The PNG.
    """
    features = list(dict.fromkeys(curve.classifier.features for curve in curves))
    labels = list(dict.fromkeys(curve.label for curve in curves))
    width, height = PANEL_INCHES
    figure = Figure((width * len(features), height * len(labels)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(labels), len(features), squeeze=False)
    for row, label in enumerate(labels):
        for column, name in enumerate(features):
            here = [c for c in curves if (c.label, c.classifier.features) == (label, name)]
            _panel(axes[row, column], label, name, here)
    with whole_file(path) as target:
        figure.savefig(target, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})


def _panel(axes: Axes, label: str, features: str, curves: Sequence[Curve]) -> None:
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
    if not curves:
        axes.set_title(f"{label} by {features}: not defined", fontsize=10)
        return
    first = curves[0]
    axes.set_title(
        f"{label} by {features}: {first.positives} of {first.samples} samples, "
        f"{first.blocks} blocks", fontsize=10,
    )  # fmt: skip
    axes.axhline(first.chance, color="#bbbbbb", linewidth=1, label=f"guessing {first.chance:.2f}")
    encoders = list(dict.fromkeys(curve.classifier.encoder for curve in curves))
    seeds = len({curve.classifier.seed for curve in curves}) > 1
    for curve in curves:
        one = curve.classifier
        baseline = BASELINES.get(one.encoder)
        style = "--" if baseline else STYLES[encoders.index(one.encoder) % len(STYLES)]
        axes.plot(
            curve.recall, curve.precision, drawstyle="steps-post", label=_name(curve, seeds),
            color=baseline or COLOURS.get(one.method, "#332288"), linestyle=style,
            linewidth=2.4 if one.mode == "tuned" else 1.2,
        )  # fmt: skip
    axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.01, 1), borderaxespad=0)


def _name(curve: Curve, seeds: bool) -> str:
    one = curve.classifier
    told = one.encoder if one.encoder in BASELINES else f"{one.method} {one.encoder}"
    told += f"@{one.seed}" * seeds + " tuned" * (one.mode == "tuned")
    value, low, high = curve.found
    ends = f" ({low:.2f} to {high:.2f})" if math.isfinite(low) else ""
    return f"{told} {value:.2f}{ends}"
