"""The sections of scores: probes and land cover, each from its table."""

from collections.abc import Sequence
from pathlib import Path

import plotly.graph_objects as go

from speckle2vec.measures.intervals import better
from speckle2vec.report.blocks import Block, Part, Table
from speckle2vec.report.figures import BLUE, COLOURS, GREY, new_figure, plot_of, safe
from speckle2vec.report.score_rows import Row, interval, number, read_scores

PIXELS = "pixel-statistics"
BASELINES = (PIXELS, "random-convolutions", "pca", "majority", "logistic-regression",
             "random-forest")  # fmt: skip
_MARKS = (
    "Intervals by the bootstrap over blocks; differences are paired: * where their interval lies "
    "above 0, (*) where the difference does not for every seed by itself."
)


def probes_part(path: Path) -> Part:
    """Probes of all models with intervals.

    Args:
        path: `results/probes.csv`.
    """
    read, blocks = read_scores(path, ("label", "features", "score", "low", "high")), list[Block]()
    rows = _final(read, ("label", "features"))
    groups = dict.fromkeys((row["label"], row["features"]) for row in rows)
    for place, (label, features) in enumerate(groups):
        here = [row for row in rows if (row["label"], row["features"]) == (label, features)]
        told = f"{label} by {features}: {_against(here, 'score', 'none')}"
        figure = _intervals(here, "score", here[0]["measure"], 1)
        blocks += [plot_of(f"probes{place}", figure, told, _height(here), wide=True),
                   _score_table(here, "score", ("chance", "knn_score"))]  # fmt: skip
    told = "One linear layer on each model's embeddings, on blocks of land no encoder has seen."
    return Part("probes", "What a linear probe tells", told, blocks)


def landcover_part(path: Path) -> Part:
    """Land cover pixel by pixel: scores with intervals, and IoU by class.

    Args:
        path: `results/landcover/table.csv`.
    """
    read, blocks = read_scores(path, ("weighted_iou", "low", "high", "mode")), list[Block]()
    rows = _final(read, ("features", "mode", "share", "split"))
    groups = dict.fromkeys((row["features"], row["share"], row["split"]) for row in rows)
    for place, (features, share, split) in enumerate(groups):
        here = [
            row
            for row in rows
            if (row["features"], row["share"], row["split"]) == (features, share, split)
        ]
        where = f"{features}, {share} % of the labels, {split}"
        told = f"{where}: {_against(here, 'weighted_iou', 'none')}"
        figure = _intervals(here, "weighted_iou", "class-weighted IoU, percent", 100)
        blocks += [plot_of(f"iou{place}", figure, told, _height(here), wide=True),
                   plot_of(f"classes{place}", _classes(here), _told_classes(here), 420, wide=True),
                   _score_table(here, "weighted_iou", ("mean_iou",))]  # fmt: skip
    told = "Encoders and decoders trained on labels, scored pixel by pixel on blocks not seen."
    return Part("landcover", "Land cover pixel by pixel", told, blocks)


def _final(rows: Sequence[Row], also: Sequence[str]) -> list[Row]:
    """One row a model: the one over all seeds where there are several, which comes last."""
    kept = {(*(row[name] for name in also), row["method"], row["encoder"]): row for row in rows}
    return list(kept.values())


def _name(row: Row) -> str:
    """A model for a person; the features stand elsewhere."""
    mode = f", {row['mode']}" if row.get("mode") in ("whole", "frozen") else ""
    return f"{row['encoder']} by {row['method']}{mode}"


def _intervals(rows: Sequence[Row], name: str, across: str, times: int) -> go.Figure:
    figure = new_figure(safe(across.replace("_", " ")), "", showlegend=False)
    order = list(rows)[::-1]
    for beside in (False, True):
        here = [row for row in order if (row["encoder"] in BASELINES) == beside]
        value, low, high = ([times * number(row, one) for row in here]
                            for one in (name, "low", "high"))  # fmt: skip
        ends = {"array": [top - one for top, one in zip(high, value, strict=True)],
                "arrayminus": [one - foot
                               for one, foot in zip(value, low, strict=True)]}  # fmt: skip
        figure.add_trace(go.Scatter(
            x=value, y=[safe(_name(row)) for row in here], error_x=ends, mode="markers",
            marker={"size": 9, "color": GREY if beside else BLUE,
                    "symbol": "square" if beside else "circle"},
        ))  # fmt: skip
    labels = [safe(_name(row)) for row in order]
    figure.update_yaxes(categoryorder="array", categoryarray=labels)
    return figure


def _height(rows: Sequence[Row]) -> int:
    return 110 + 26 * len(rows)


def _against(rows: Sequence[Row], name: str, than: str) -> str:
    defined = [row for row in rows if row[name]]
    if not defined:
        return "the score is not defined on the scored blocks."
    best = max(defined, key=lambda row: number(row, name))
    found = [one for one in (better(row, than) for row in rows) if one]
    above, some = found.count("yes"), found.count("seeds disagree")
    beside = ""
    if found:
        but = f", {some} of them not for every seed" if some else ""
        beside = (
            f"; pretraining helps {above + some} of {len(found)} (paired interval above 0{but})"
        )
    told = f"{_name(best)} scores highest, {interval(best, name)}{beside}."
    return f"{told} Grey squares are baselines."


def _score_table(rows: Sequence[Row], name: str, more: Sequence[str]) -> Table:
    columns = ("model", f"{name.replace('_', ' ')} (interval)", "minus untrained", "minus pixels",
               *(one.replace("_", " ") for one in more))  # fmt: skip
    lines = [(_name(row), interval(row, name), _difference(row, "none"),
              _difference(row, "pixels"), *(row.get(one, "") for one in more))
             for row in rows]  # fmt: skip
    return Table(columns, lines, _MARKS)


def _difference(row: Row, than: str) -> str:
    if not row.get(f"minus_{than}"):
        return ""
    mark = {"yes": " *", "seeds disagree": " (*)"}.get(better(row, than), "")
    return f"{number(row, f'minus_{than}'):+.3f}{mark}"


def _class_names(rows: Sequence[Row]) -> list[str]:
    """Classes, which may be called `low`: each has an interval beside."""
    return [name[4:] for name in rows[0] if name.startswith("iou_") and f"{name}_low" in rows[0]]


def _classes(rows: Sequence[Row]) -> go.Figure:
    names = _class_names(rows)
    figure = new_figure("", "IoU, percent", barmode="group")
    figure.update_yaxes(range=[0, 100])
    for place, row in enumerate(rows):
        values = [100 * number(row, f"iou_{name}") for name in names]
        figure.add_trace(go.Bar(
            x=[safe(name) for name in names], y=values, name=safe(_name(row)),
            marker={"color": COLOURS[place % 8], "pattern": {"shape": "/" if place >= 8 else ""}},
        ))  # fmt: skip
    return figure


def _told_classes(rows: Sequence[Row]) -> str:
    best = max(rows, key=lambda row: number(row, "weighted_iou"))
    known = {name: number(best, f"iou_{name}") for name in _class_names(rows)
             if best.get(f"iou_{name}")}  # fmt: skip
    if not known:
        return "No class was scored."
    high, low = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
    return (
        f"{_name(best)} tells {high} best (IoU {100 * known[high]:.0f} %) and {low} worst "
        f"({100 * known[low]:.0f} %)."
    )
