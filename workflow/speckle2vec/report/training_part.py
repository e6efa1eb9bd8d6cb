"""The section of the training: losses and health, epoch by epoch."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import plotly.graph_objects as go

from speckle2vec.errors import UserError
from speckle2vec.products.refused import refused
from speckle2vec.report.blocks import Block, Part
from speckle2vec.report.figures import BLUE, GREEN, ORANGE, new_figure, plot_of
from speckle2vec.report.words import count

Row = Mapping[str, float]
CURVES = {
    "loss": ("training loss", BLUE, "solid", "circle"),
    "held_out_loss": ("held-out loss", ORANGE, "dash", "square"),
    "std": ("spread of directions", GREEN, "solid", "circle"),
    "cosine": ("mean cosine of two samples", BLUE, "dash", "square"),
    "rank": ("effective rank", ORANGE, "solid", "circle"),
}
HEIGHT = 300


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV table.

    Raises:
        UserError: It is missing or no table.
    """
    with refused(path), path.open(newline="") as file:
        return list(csv.DictReader(file))


def training_part(history: Path, model: str) -> Part:
    """Losses and health of the encoder.

    Args:
        history: `results/models/{model}/history.csv`.
        model: Its name.
    """
    lines = read_rows(history)
    if not lines or "epoch" not in lines[0]:
        raise UserError(f"{history}: is no history of a training; remove it and run the same "
                        "command again.")  # fmt: skip
    rows = [{name: float(text) for name, text in row.items() if text} for row in lines]
    epochs = max((int(row.get("epoch", 0)) for row in rows), default=0)
    blocks = [block for block in (_losses(rows), _health(rows), _rank(rows)) if block]
    told = f"{model}: {count(epochs, 'epoch')}." if epochs else f"{model} is not trained."
    return Part("training", "How the encoder was trained", told, blocks)


def _losses(rows: Sequence[Row]) -> Block | None:
    figure = _curves(rows, ("loss", "held_out_loss"), "loss")
    held = _column(rows, "held_out_loss")
    if figure is None or not held:
        return figure and plot_of("losses", figure, "The loss in training.", HEIGHT)
    best = min(held, key=lambda point: point[1])
    told = (
        f"The held-out loss goes from {held[0][1]:.3g} to {held[-1][1]:.3g} and is lowest "
        f"({best[1]:.3g}) in epoch {best[0]:g}"
    )
    ended = "." if best[0] == held[-1][0] else ": it has risen since."
    return plot_of("losses", figure, told + ended, HEIGHT)


def _health(rows: Sequence[Row]) -> Block | None:
    figure, spread = _curves(rows, ("std", "cosine"), "held-out embeddings"), _column(rows, "std")
    if figure is None or not spread:
        return None
    told = (
        f"The embeddings' directions spread from {spread[0][1]:.2f} before training to "
        f"{spread[-1][1]:.2f} (0 is all alike, 1 even)."
    )
    return plot_of("health", figure, told, HEIGHT)


def _rank(rows: Sequence[Row]) -> Block | None:
    figure, rank = _curves(rows, ("rank",), "dimensions"), _column(rows, "rank")
    if figure is None or not rank:
        return None
    told = (
        f"Of 1024 numbers {rank[-1][1]:.1f} vary independently at the end (effective rank), "
        f"{rank[0][1]:.1f} before training."
    )
    return plot_of("rank", figure, told, HEIGHT)


def _curves(rows: Sequence[Row], names: Sequence[str], up: str) -> go.Figure | None:
    figure = new_figure("epoch", up)
    for name in names:
        points = _column(rows, name)
        if points:
            told, colour, dash, symbol = CURVES[name]
            figure.add_trace(go.Scatter(
                x=[x for x, _ in points], y=[y for _, y in points], name=told, showlegend=True,
                mode="lines+markers", line={"color": colour, "dash": dash, "width": 2},
                marker={"symbol": symbol, "size": 6},
            ))  # fmt: skip
    return figure if figure.data else None


def _column(rows: Sequence[Row], name: str) -> list[tuple[float, float]]:
    return [(row["epoch"], row[name]) for row in rows if name in row and "epoch" in row]
