"""A picture of codes: what they lose over how much smaller they are."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from speckle2vec.evaluate.codes.sizes import REPORTED, Row
from speckle2vec.products.whole import whole_file

PANEL_INCHES = (8.4, 5.0)
DOTS_PER_INCH = 120
COLOURS = {
    "float32": "#000000", "float16": "#0072b2", "int8": "#009e73", "int4": "#e69f00",
    "binary": "#cc79a7", "pq": "#d55e00",
}  # fmt: skip
REPORT_RATIO = 7000
LEADER = {"arrowstyle": "-", "linewidth": 0.4, "shrinkA": 0}
HEIGHTS = (3, -9, 13, -19, 23, -29, 33, -39, 43, 53, 63)


def draw_compression(rows: Sequence[Row], points: float, path: Path) -> None:
    """Draw the loss in points with its interval over the ratio, one panel a label and model.

    Filled marks are the bytes on disk of the file as it is, hollow ones those over the report's
    25,472 samples. Colours tell the quantiser, circles all dimensions and squares fewer by PCA;
    equal rows are equal bytes.

    Args:
        rows: The table.
        points: The loss that is allowed.
        path: The PNG.
    """
    panels: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        panels.setdefault(tuple(row[name] for name in _NAMES), []).append(row)
    shown = {name: here for name, here in panels.items() if len(here) > 1} or panels
    width, height = PANEL_INCHES
    figure = Figure((width, height * len(shown)), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots(len(shown), 1, squeeze=False)
    for panel, (name, here) in zip(axes[:, 0], shown.items(), strict=True):
        panel.set_title(f"{name[0]} by {'/'.join(map(str, name[1:]))}", fontsize=10)
        _panel(panel, here, points)
    figure.draw_without_rendering()  # only now do axes have their places
    for panel, here in zip(axes[:, 0], shown.values(), strict=True):
        _name(panel, here, canvas.get_renderer())  # type: ignore[no-untyped-call]
    with whole_file(path) as target:
        figure.savefig(target, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})


_NAMES = ("label", "features", "method", "encoder")


def _panel(axes: Axes, rows: Sequence[Row], points: float) -> None:
    axes.set_xscale("log")
    axes.set(xlabel="times smaller than the raw arrays, by bytes on disk",
             ylabel="points lost of the probe's score")  # fmt: skip
    axes.axhline(0, color="#bbbbbb", linewidth=1)
    axes.axhline(points, color="#d55e00", linewidth=1, linestyle="--",
                 label=f"{points:g} of 100 points")  # fmt: skip
    axes.axvline(REPORT_RATIO, color="#bbbbbb", linewidth=1, linestyle=":", label="7000x")
    for row in rows:
        _mark(axes, row)
    axes.invert_yaxis()
    axes.margins(x=0.14)
    _legend(axes, rows)


def _mark(axes: Axes, row: Row) -> None:
    loss, most, least = (
        -100 * _number(row, f"minus_float32{end}") for end in ("", "_low", "_high")
    )
    colour, shape = COLOURS[_kind(row)], "s" if str(row["code"]).startswith("pca") else "o"
    own, many = _number(row, "ratio"), _number(row, f"ratio_{REPORTED}")
    axes.plot([own, many], [loss, loss], color=colour, linewidth=0.8, alpha=0.6)
    axes.plot([own, own], [least, most], color=colour, linewidth=0.8, alpha=0.6)
    axes.plot(own, loss, shape, color=colour, markersize=9 if row.get("best") else 5)
    axes.plot(many, loss, shape, color=colour, markersize=5, markerfacecolor="white")


def _name(axes: Axes, rows: Sequence[Row], renderer: RendererBase) -> None:
    """Write codes beside their marks, as near as other names allow."""
    taken: list[Bbox] = []
    for row in sorted(rows, key=lambda row: _number(row, f"ratio_{REPORTED}")):
        mark = _number(row, f"ratio_{REPORTED}"), -100 * _number(row, "minus_float32")
        name = axes.annotate(str(row["code"]), mark, (4, 0), textcoords="offset points",
                             fontsize=6, arrowprops=LEADER)  # fmt: skip
        for height in HEIGHTS:
            name.set_position((4, height))
            name.update_positions(renderer)
            box = Text.get_window_extent(name)
            if not box.count_overlaps(taken):
                break
        taken.append(box)


def _legend(axes: Axes, rows: Sequence[Row]) -> None:
    for kind in dict.fromkeys(map(_kind, rows)):
        axes.plot([], [], "o", color=COLOURS[kind], label=kind)
    samples = rows[0]["samples"]
    axes.plot([], [], "o", color="#555555", label=f"over {samples} samples")
    axes.plot([], [], "o", color="#555555", markerfacecolor="white",
              label=f"over {REPORTED:,} samples")  # fmt: skip
    axes.plot([], [], "s", color="#555555", label="fewer dimensions by PCA")
    axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.01, 1), borderaxespad=0)


def _kind(row: Row) -> str:
    kind = str(row["code"]).rsplit("-", 1)[-1]
    return "pq" if kind.startswith("pq") else kind


def _number(row: Row, name: str) -> float:
    return float(str(row[name]) or "nan")
