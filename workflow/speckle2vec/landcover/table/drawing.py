"""What the pictures of the table have in common: colours, legends, figures of a row."""

from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from speckle2vec.landcover.table.rows import Row, Rows, is_baseline
from speckle2vec.products.whole import whole_file

# Okabe and Ito's colours, which the colour-blind tell apart; one method is one colour everywhere.
COLOURS = {
    "none": "#000000",
    "simclr": "#0072b2",
    "vae": "#e69f00",
    "tile2vec": "#009e73",
    "csf": "#cc79a7",
    "mae": "#56b4e9",
}
BASELINE = "#8c8c8c"
SHADES = {"majority": "#c4c4c4", "logistic-regression": "#a0a0a0", "random-forest": "#6e6e6e"}
MARKS = {"whole": "o", "frozen": "D", "fit": "s"}
DOTS = 110
"""Dots an inch."""
Floats = npt.NDArray[np.float64]


def learnt_of(rows: Rows) -> Rows:
    """The encoders that are compared, in the modes in which some were pretrained.

    All of them where none was, and the classifiers of pixels where there is nothing else.
    """
    learnt = [row for row in rows if not is_baseline(row)]
    modes = {row["mode"] for row in learnt if row["method"] != "none"}
    return [row for row in learnt if row["mode"] in modes] or learnt or rows


def grey_of(row: Row) -> str:
    """A shade of its own for every run that stands beside."""
    return SHADES.get(str(row["encoder"]), "#8a7a5c")


def colour_of(row: Row) -> str:
    """Colour of its method; one grey for all that stands beside."""
    return BASELINE if is_baseline(row) else COLOURS.get(str(row["method"]), "#d55e00")


def figures_of(row: Row, name: str, prefix: str) -> tuple[float, float, float]:
    """A figure and its interval, percent."""
    low, high = (value_of(row[f"{prefix}{end}"]) for end in ("low", "high"))
    return value_of(row[name]), low, high


def value_of(text: object) -> float:
    """A cell of the table, percent; NaN where it is empty."""
    return 100 * float(str(text)) if text != "" else float("nan")


def lengths_of(found: Floats) -> Floats:
    """Lengths of the error bars (2, point) of figures and ends (point, 3); 0 where undefined."""
    ends = np.stack([found[:, 0] - found[:, 1], found[:, 2] - found[:, 0]])
    return np.nan_to_num(np.maximum(ends, 0))


def tidy(axes: Axes, grid: Literal["x", "y"]) -> None:
    """A light grid along one axis, and no frame."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid, color="#e4e4e4", linewidth=0.7)
    axes.set_axisbelow(True)


def add_legend(figure: Figure, grid: npt.NDArray[np.object_]) -> None:
    """One legend for all panels, beside them."""
    found: dict[str, Artist] = {}
    axes: Axes
    for axes in grid.ravel().tolist():
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    figure.legend(
        found.values(), found.keys(), loc="outside right center", fontsize=8, frameon=False
    )


def save(figure: Figure, path: Path) -> None:
    """As PNG; equal figures are equal bytes."""
    FigureCanvasAgg(figure)
    with whole_file(path) as target:
        figure.savefig(target, format="png", dpi=DOTS, metadata={"Software": None})
