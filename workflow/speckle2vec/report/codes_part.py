"""The section of the codes: in how few bytes embeddings fit, and what that loses."""

from collections.abc import Sequence
from pathlib import Path

import plotly.graph_objects as go

from speckle2vec.report.blocks import Block, Part, Table
from speckle2vec.report.figures import COLOURS, GREY, RED, new_figure, plot_of, safe
from speckle2vec.report.score_rows import UNDEFINED, Row, interval, number, read_scores

REPORTED = 25_472
"""Samples of the report's corpus."""


def compression_part(path: Path, points: float) -> Part:
    """Codes: what they lose over how much smaller they are.

    Args:
        path: `results/compression.csv`.
        points: Points of 100 that a code may lose.
    """
    rows, blocks = read_scores(path, ("code", "ratio", "score", "minus_float32")), list[Block]()
    for place, label in enumerate(dict.fromkeys((row["label"], _model(row)) for row in rows)):
        here = [row for row in rows if (row["label"], _model(row)) == label]
        if len(here) > 1:
            told = f"{label[0]} by {label[1]}: {_best_code(here, points)}"
            blocks += [
                plot_of(f"codes{place}", _codes(here, points), told, 420, wide=True),
                _code_table(here),
            ]
    told = "Ratios are bytes of the raw arrays in memory over bytes of the code's file on disk."
    return Part("compression", "In how few bytes", told, blocks)


def _codes(rows: Sequence[Row], points: float) -> go.Figure:
    figure = new_figure("times smaller than the raw arrays", "points lost", hovermode="closest")
    figure.update_xaxes(type="log", dtick=1)
    figure.update_yaxes(autorange="reversed")
    figure.add_hline(points, line={"color": RED, "dash": "dash", "width": 1})
    kinds = list(dict.fromkeys(_kind(row) for row in rows))
    for kind in kinds:
        here = [row for row in rows if _kind(row) == kind]
        loss, low, high = ([-100 * number(row, f"minus_float32{end}") for row in here]
                           for end in ("", "_high", "_low"))  # fmt: skip
        ends = {"array": [top - one for top, one in zip(high, loss, strict=True)],
                "arrayminus": [one - foot for one, foot in zip(loss, low, strict=True)],
                "color": GREY, "thickness": 1}  # fmt: skip
        fewer = ["square" if row["code"].startswith("pca") else "circle" for row in here]
        figure.add_trace(go.Scatter(
            x=[number(row, "ratio") for row in here], y=loss, error_y=ends, mode="markers",
            name=safe(kind), text=[safe(row["code"]) for row in here],
            hovertemplate="%{text}: %{x:.0f}x, %{y:.2f} points lost<extra></extra>",
            marker={"size": 10, "symbol": fewer, "color": COLOURS[kinds.index(kind) % 8]},
        ))  # fmt: skip
    return figure


def _kind(row: Row) -> str:
    kind = row["code"].rsplit("-", 1)[-1]
    return "product codes" if kind.startswith("pq") else kind


def _best_code(rows: Sequence[Row], points: float) -> str:
    within = [row for row in rows if -100 * number(row, "minus_float32") <= points + 1e-9]
    if not within:
        return "the score is not defined on the scored blocks, so no code is the best."
    best = max(within, key=lambda row: number(row, "ratio"))
    many = max(within, key=lambda row: number(row, f"ratio_{REPORTED}"))
    return (
        f"{best['code']} is {number(best, 'ratio'):,.0f} times smaller at no more than {points:g} "
        f"of 100 points lost, over {best['samples']} samples; over {REPORTED:,} {many['code']} is "
        f"{number(many, f'ratio_{REPORTED}'):,.0f} times smaller."
    )


def _code_table(rows: Sequence[Row]) -> Table:
    columns = ("code", "bytes a sample", "times smaller", f"over {REPORTED:,}", "score (interval)",
               "points lost", "neighbours kept")  # fmt: skip
    lines = [(row["code"], row["bytes"], row["ratio"], row[f"ratio_{REPORTED}"],
              interval(row, "score"), _points_lost(row), row["neighbours_kept"])
             for row in rows]  # fmt: skip
    return Table(columns, lines, "Bytes of whole files on disk; what codes share is dealt out.")


def _points_lost(row: Row) -> str:
    return f"{0 - 100 * number(row, 'minus_float32'):.2f}" if row["minus_float32"] else UNDEFINED


def _model(row: Row) -> str:
    return "/".join(row[name] for name in ("features", "method", "encoder"))
